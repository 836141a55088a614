// SPDX-License-Identifier: Apache-2.0

mod cancel;
mod conservation;
mod deferral;
mod equivocation;
mod precedents;
mod punish;
mod selfdealing;
mod set_rule;
mod steps;
mod view;
