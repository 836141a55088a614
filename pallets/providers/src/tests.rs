// SPDX-License-Identifier: Apache-2.0

mod invariants;
mod registration;
mod stakes;
