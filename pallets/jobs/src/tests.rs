// SPDX-License-Identifier: Apache-2.0
//! One file per call or subject; `invariants` has the chain used at random.

mod accept;
mod agenda;
mod book;
mod cancel;
mod commit;
mod invariants;
mod kernels;
mod post;
mod settle;
mod terms;
mod view;
