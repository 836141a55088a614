// SPDX-License-Identifier: Apache-2.0

mod conservation;
mod punish;
mod set_rule;
