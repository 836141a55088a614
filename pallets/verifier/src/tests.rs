// SPDX-License-Identifier: Apache-2.0
//! One file per call or subject; `parties` has honest and dishonest parties meet at random.

mod adjudicate;
mod advance;
mod attest;
mod begin;
mod demands;
mod disputes;
mod draw;
mod faults;
mod invariants;
mod open;
mod panels;
mod parties;
mod passes;
mod proving;
mod reports;
mod reveal;
mod supplies;
mod view;
mod windows;
