// SPDX-License-Identifier: Apache-2.0
//! The outputs that this worker computed, kept until they are of no use any more.

use crate::signing_guard::write_durably;
use assay_primitives::{AccountId, JobId};
use assay_verifier::{ChainingValue, Root, tree};
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

    fn path(&self, provider: &AccountId, job: JobId, pass: usize, ending: &str) -> PathBuf {
        let provider: &[u8; 32] = provider.as_ref();
        let provider = hex::encode(&provider[..8]);
        self.folder
            .join(format!("{provider}-{job}-pass{pass}.{ending}"))
    }

    /// Where the bytes of a pass's output are to be written.
    pub fn bytes_path(&self, provider: &AccountId, job: JobId, pass: usize) -> PathBuf {
        self.path(provider, job, pass, "bin")
    }

    /// Notes that the bytes of an output are complete.
    pub fn complete(
        &self,
        provider: &AccountId,
        job: JobId,
        pass: usize,
        values: &[ChainingValue],
    ) -> io::Result<()> {
        let path = self.path(provider, job, pass, "values");
        write_durably(&path, values.as_flattened())
    }

    /// An output, if it is complete.
    pub fn get(&self, provider: &AccountId, job: JobId, pass: usize) -> Option<Output> {
        let bytes = fs::read(self.path(provider, job, pass, "values")).ok()?;
        let (values, rest) = bytes.as_chunks::<32>();
        let root = tree::root_of(values).filter(|_| rest.is_empty())?;
        let path = self.bytes_path(provider, job, pass);
        path.exists().then(|| Output {
            path,
            values: values.to_vec(),
            root,
        })
    }

    /// Forgets an output, so that it is computed again.
    pub fn forget(&self, provider: &AccountId, job: JobId, pass: usize) {
        // What is not there need not be removed.
        let _gone = fs::remove_file(self.path(provider, job, pass, "values"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn get_finds_an_output_only_when_it_is_complete() {
        let folder = tempfile::tempdir().expect("a folder");
        let outputs = Outputs::open(folder.path()).expect("opens");
        let provider = AccountId::new([1; 32]);
        assert_eq!(outputs.get(&provider, 3, 0), None);
        let bytes = vec![7; 4 * 1024];
        fs::write(outputs.bytes_path(&provider, 3, 0), &bytes).expect("written");
        assert_eq!(outputs.get(&provider, 3, 0), None);
        let values: Vec<_> = bytes
            .chunks(1024)
            .zip(0..)
            .filter_map(|(tile, index)| tree::leaf_value(index, 4, tile))
            .collect();
        outputs.complete(&provider, 3, 0, &values).expect("noted");
        let output = outputs.get(&provider, 3, 0).expect("complete");
        assert_eq!(output.root, *blake3::hash(&bytes).as_bytes());
        assert_eq!(outputs.get(&provider, 3, 1), None);
        assert_eq!(outputs.get(&provider, 4, 0), None);
        outputs.forget(&provider, 3, 0);
        assert_eq!(outputs.get(&provider, 3, 0), None);
    }
}
