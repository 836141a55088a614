// SPDX-License-Identifier: Apache-2.0
#![allow(missing_docs)]
