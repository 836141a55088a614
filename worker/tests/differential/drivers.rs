// SPDX-License-Identifier: Apache-2.0
//! Tests on a certain Vulkan driver. The loader reads the choice once, so each test has a process.

use assay_worker::engine::GpuEngine;
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// What tells the Vulkan loader which drivers there are.
const LOADER_VARIABLE: &str = "VK_DRIVER_FILES";

/// A Vulkan driver that runs on the processor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Driver {
    /// Mesa's, on LLVM.
    Lavapipe,
    /// Google's, on its own compiler.
    SwiftShader,
}

impl Driver {
    /// Runs a test's body on this driver alone: in a child process that runs the same test again.
    pub(crate) fn run(self, test: &str, body: impl FnOnce(&GpuEngine)) {
        let manifest = self.manifest();
        if env::var_os(LOADER_VARIABLE).is_some_and(|chosen| *chosen == *manifest) {
            let engine = GpuEngine::new(None).expect("the driver is there and exact");
            return body(&engine);
        }
        let child = Command::new(env::current_exe().expect("the test runs from a file"))
            .args([test, "--exact", "--nocapture"])
            .env(LOADER_VARIABLE, &manifest)
            .output()
            .expect("the test can run itself");
        let output = String::from_utf8_lossy(&child.stdout);
        assert!(
            child.status.success() && output.contains("1 passed"),
            "{test} on {self:?}:\n{output}\n{}",
            String::from_utf8_lossy(&child.stderr)
        );
    }

    /// The file that describes the driver to the loader.
    fn manifest(self) -> PathBuf {
        let (folders, prefix, package): (&[&str], _, _) = match self {
            Self::Lavapipe => (
                &["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"],
                "lvp_icd",
                "mesa-vulkan-drivers",
            ),
            Self::SwiftShader => (
                &[
                    "/usr/lib/chromium",
                    "/usr/share/vulkan/icd.d",
                    "/etc/vulkan/icd.d",
                ],
                "vk_swiftshader_icd",
                "chromium-common",
            ),
        };
        folders
            .iter()
            .flat_map(|folder| Path::new(folder).read_dir().into_iter().flatten().flatten())
            .map(|entry| entry.path())
            .find(|path| {
                let name = path.file_name().and_then(|name| name.to_str());
                name.is_some_and(|name| name.starts_with(prefix) && name.ends_with(".json"))
            })
            .unwrap_or_else(|| {
                panic!("no Vulkan driver {self:?}: install {package} and libvulkan1")
            })
    }
}
