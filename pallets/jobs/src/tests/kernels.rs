// SPDX-License-Identifier: Apache-2.0
//! `register_kernel` and `remove_kernel`.
