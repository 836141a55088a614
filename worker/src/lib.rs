// SPDX-License-Identifier: Apache-2.0
//! The provider's and verifier's engine: GPU, blob store, mailbox and duties.
