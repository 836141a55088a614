// SPDX-License-Identifier: Apache-2.0

mod genesis;
mod invariants;
mod leaving;
mod registration;
mod stakes;
