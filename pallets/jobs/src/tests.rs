// SPDX-License-Identifier: Apache-2.0
//! One file per call or subject; `invariants` has the chain used at random.

mod accept;
mod agenda;
mod asset;
mod book;
mod cancel;
mod commit;
mod extend;
mod invariants;
mod kernels;
mod post;
mod report;
mod rescue;
mod settle;
mod split;
mod terms;
mod view;
