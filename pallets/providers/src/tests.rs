// SPDX-License-Identifier: Apache-2.0

mod delegation;
mod genesis;
mod invariants;
mod leaving;
mod liveness;
mod pool;
mod registration;
mod sessions;
mod stakes;
mod standing;
mod tree;
mod validators;
