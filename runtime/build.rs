// SPDX-License-Identifier: Apache-2.0
//! Builds the runtime's wasm, which is what the chain runs.

fn main() {
    #[cfg(all(feature = "std", not(feature = "metadata-hash")))]
    substrate_wasm_builder::WasmBuilder::build_using_defaults();

    // Offline wallets check the metadata's hash; that takes a second build, so only releases have it.
    #[cfg(all(feature = "std", feature = "metadata-hash"))]
    substrate_wasm_builder::WasmBuilder::init_with_defaults()
        .enable_metadata_hash("ASY", 12)
        .build();
}
