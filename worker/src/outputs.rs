// SPDX-License-Identifier: Apache-2.0
//! The outputs that this worker computed: named by their roots, and found by what they were computed from, so that
//! another job under the number of an old one, as after a reorganisation, is never answered with the old output.

use crate::signing_guard::write_durably;
use assay_primitives::job::Work;
use assay_verifier::{ChainingValue, Root, tree};
use codec::Encode;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The folder of outputs.
#[derive(Clone, Debug)]
pub struct Outputs {
    folder: PathBuf,
}

/// An output that is complete on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The file of its bytes.
    pub path: PathBuf,
    /// The chaining values of its tiles.
    pub values: Vec<ChainingValue>,
    /// BLAKE3 hash of its bytes.
    pub root: Root,
}

impl Outputs {
    /// In a folder, which is made if it is not there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.into(),
        })
    }

    fn path(&self, hash: &[u8; 32], ending: &str) -> PathBuf {
        self.folder.join(format!("{}.{ending}", hex::encode(hash)))
    }

    /// Where the bytes of some work are to be written before their root is known.
    pub fn draft(&self, work: &Work) -> PathBuf {
        self.path(&name(work), "draft")
    }

    /// Takes in the draft of some work, which is complete on disk.
    pub fn complete(&self, work: &Work, values: &[ChainingValue]) -> io::Result<Output> {
        let root = tree::root_of(values)
            .ok_or_else(|| io::Error::other("an output has at least one tile"))?;
        let path = self.path(&root, "bin");
        fs::rename(self.draft(work), &path)?;
        write_durably(&self.path(&root, "values"), values.as_flattened())?;
        write_durably(&self.path(&name(work), "root"), &root)?;
        Ok(Output {
            path,
            values: values.to_vec(),
            root,
        })
    }

    /// The output of some work, if it was computed before.
    pub fn of(&self, work: &Work) -> Option<Output> {
        let root = fs::read(self.path(&name(work), "root")).ok()?;
        self.get(&root.try_into().ok()?)
    }

    /// The output with a root, if it is here and complete.
    pub fn get(&self, root: &Root) -> Option<Output> {
        let bytes = fs::read(self.path(root, "values")).ok()?;
        let (values, rest) = bytes.as_chunks::<32>();
        let sound = rest.is_empty() && tree::root_of(values).as_ref() == Some(root);
        let path = self.path(root, "bin");
        (sound && path.exists()).then(|| Output {
            path,
            values: values.to_vec(),
            root: *root,
        })
    }
}

/// What some work is called: kernel, parameters, inputs and grid decide its output.
fn name(work: &Work) -> [u8; 32] {
    *blake3::hash(&work.encode()).as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(parameter: u32) -> Work {
        Work {
            kernel: [1; 32],
            parameters: vec![parameter],
            inputs: Vec::new(),
            grid: [4, 1, 1],
            tiles: 4,
        }
    }

    #[test]
    fn of_finds_an_output_only_when_it_is_complete_and_of_the_same_work() {
        let folder = tempfile::tempdir().expect("a folder");
        let outputs = Outputs::open(folder.path()).expect("opens");
        assert_eq!(outputs.of(&work(3)), None);
        let bytes = vec![7; 4 * 1024];
        fs::write(outputs.draft(&work(3)), &bytes).expect("written");
        assert_eq!(outputs.of(&work(3)), None);
        let values: Vec<_> = bytes
            .chunks(1024)
            .zip(0..)
            .filter_map(|(tile, index)| tree::leaf_value(index, 4, tile))
            .collect();
        let output = outputs.complete(&work(3), &values).expect("taken in");
        assert_eq!(output.root, *blake3::hash(&bytes).as_bytes());
        assert_eq!(fs::read(&output.path).expect("there"), bytes);
        assert_eq!(outputs.of(&work(3)), Some(output.clone()));
        assert_eq!(outputs.get(&output.root), Some(output.clone()));
        assert_eq!(outputs.of(&work(4)), None);
        fs::remove_file(output.path).expect("it is there");
        assert_eq!(outputs.of(&work(3)), None);
    }

    #[test]
    fn get_refuses_values_of_another_root() {
        let folder = tempfile::tempdir().expect("a folder");
        let outputs = Outputs::open(folder.path()).expect("opens");
        let root = [9; 32];
        fs::write(outputs.path(&root, "values"), [1; 64]).expect("written");
        fs::write(outputs.path(&root, "bin"), []).expect("written");
        assert_eq!(outputs.get(&root), None);
    }
}
