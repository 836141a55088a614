// SPDX-License-Identifier: Apache-2.0
//! Stores on the loopback interface, honest and otherwise.

use super::*;
use assay_verifier::tree::CHUNK_BYTES;
use proptest::{
    prelude::any,
    sample::Index,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};

async fn open(folder: &Path) -> Store {
    let listen = "127.0.0.1:0".parse().expect("an address");
    Store::open(folder, listen).await.expect("opens")
}

async fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(folder.path()).await;
    (folder, store)
}

fn bytes(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

/// Flips a bit of a blob in the files of a store.
fn harm(folder: &Path, hash: [u8; 32], at: usize) {
    let path = folder
        .join("blobs/data")
        .join(format!("{}.data", hex::encode(hash)));
    let mut content = std::fs::read(&path).expect("a large blob has a file");
    content[at] ^= 1;
    std::fs::write(&path, content).expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_brings_a_blob_from_the_source_that_has_it() {
    let (_keep_one, one) = store().await;
    let (_keep_two, two) = store().await;
    let (_keep_three, three) = store().await;
    for length in [0, 1, 1_024, 16_385, 100_000, 3_000_001] {
        let blob = bytes(length);
        let hash = one.put_bytes(blob.clone()).await.expect("kept");
        assert_eq!(hash, *blake3::hash(&blob).as_bytes());
        let sources = [three.endpoint(), one.endpoint()];
        let fetched = two
            .fetch(hash, length as u64, &sources)
            .await
            .expect("served");
        assert_eq!(fetched, blob);
        // It is kept: no source is needed any more.
        assert_eq!(
            two.fetch(hash, length as u64, &[]).await.expect("kept"),
            blob
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_says_what_each_source_answered_when_none_has_the_blob() {
    let (_keep_one, one) = store().await;
    let (_keep_two, two) = store().await;
    let dead = Endpoint {
        key: [3; 32],
        address: "127.0.0.1:9".parse().expect("an address"),
    };
    let error = two
        .fetch([7; 32], 10, &[one.endpoint(), dead])
        .await
        .expect_err("nobody has it");
    let text = error.to_string();
    assert!(text.contains(&one.endpoint().address.to_string()), "{text}");
    assert!(text.contains("127.0.0.1:9"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_refuses_when_somebody_else_listens_there() {
    let (_keep_one, one) = store().await;
    let (_keep_two, two) = store().await;
    let (_keep_three, three) = store().await;
    let hash = one.put_bytes(bytes(5_000)).await.expect("kept");
    let impostor = Endpoint {
        key: three.endpoint().key,
        address: one.endpoint().address,
    };
    assert!(two.fetch(hash, 5_000, &[impostor]).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_refuses_when_the_blob_has_another_length() {
    let (_keep_one, one) = store().await;
    let (_keep_two, two) = store().await;
    let hash = one.put_bytes(bytes(100_000)).await.expect("kept");
    for length in [5_000, 99_999, 100_001, 1 << 40] {
        let error = two
            .fetch(hash, length, &[one.endpoint()])
            .await
            .expect_err("another length");
        assert!(error.to_string().contains("100000 bytes"), "{error}");
        // The own copy is judged the same way.
        assert!(one.fetch(hash, length, &[]).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_finds_nothing_when_the_output_is_not_released() {
    let (folder, provider) = store().await;
    let (_keep, requester) = store().await;
    let output = bytes(40_000);
    let path = folder.path().join("output");
    std::fs::write(&path, &output).expect("written");
    let hash = *blake3::hash(&output).as_bytes();
    let sources = [provider.endpoint()];
    assert!(requester.fetch(hash, 40_000, &sources).await.is_err());
    assert_eq!(provider.put_file(&path).await.expect("released"), hash);
    let fetched = requester.fetch(hash, 40_000, &sources).await;
    assert_eq!(fetched.expect("served"), output);
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_goes_on_with_the_next_source_when_one_breaks_off() {
    let (folder, broken) = store().await;
    let (_keep_whole, whole) = store().await;
    let (_keep_two, two) = store().await;
    let blob = bytes(2_000_000);
    let hash = broken.put_bytes(blob.clone()).await.expect("kept");
    whole.put_bytes(blob.clone()).await.expect("kept");
    harm(folder.path(), hash, 1_500_000);
    assert_eq!(broken.get(hash).await, None);
    let reports = Mutex::new(Vec::new());
    let fetched = two
        .fetch_reporting(
            hash,
            2_000_000,
            &[broken.endpoint(), whole.endpoint()],
            &|done| reports.lock().expect("no panic").push(done),
        )
        .await;
    assert_eq!(fetched.expect("served in two parts"), blob);
    let reports = reports.into_inner().expect("no panic");
    assert!(
        reports.is_sorted_by(|a, b| a < b),
        "nothing is fetched twice"
    );
    assert_eq!(reports.last(), Some(&2_000_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_goes_on_where_an_earlier_one_ended() {
    let (_keep_one, one) = store().await;
    let (folder, two) = store().await;
    let blob = bytes(300_000);
    let hash = one.put_bytes(blob.clone()).await.expect("kept");
    let partial = folder.path().join("partial");
    std::fs::create_dir_all(&partial).expect("made");
    std::fs::write(partial.join(hex::encode(hash)), &blob[..200_000]).expect("written");
    let least = Mutex::new(u64::MAX);
    let note = |done: u64| {
        let mut least = least.lock().expect("no panic");
        *least = done.min(*least);
    };
    let fetched = two
        .fetch_reporting(hash, 300_000, &[one.endpoint()], &note)
        .await;
    assert_eq!(fetched.expect("served"), blob);
    assert!(*least.lock().expect("no panic") > 196_608);
    assert!(!partial.join(hex::encode(hash)).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_starts_again_when_what_was_kept_is_harmed() {
    let (_keep_one, one) = store().await;
    let (folder, two) = store().await;
    let blob = bytes(300_000);
    let hash = one.put_bytes(blob.clone()).await.expect("kept");
    let partial = folder.path().join("partial");
    std::fs::create_dir_all(&partial).expect("made");
    std::fs::write(partial.join(hex::encode(hash)), [9; 200_000]).expect("written");
    let fetched = two.fetch(hash, 300_000, &[one.endpoint()]).await;
    assert_eq!(fetched.expect("served"), blob);
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_replaces_the_own_copy_when_it_is_harmed() {
    let (_keep_one, one) = store().await;
    let (folder, two) = store().await;
    let blob = bytes(500_000);
    let hash = one.put_bytes(blob.clone()).await.expect("kept");
    two.put_bytes(blob.clone()).await.expect("kept");
    harm(folder.path(), hash, 250_000);
    assert_eq!(two.get(hash).await, None);
    let fetched = two.fetch(hash, 500_000, &[one.endpoint()]).await;
    assert_eq!(fetched.expect("served"), blob);
    assert_eq!(two.get(hash).await, Some(blob));
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_transfers_a_blob_once_when_two_ask_for_it() {
    let (_keep_one, one) = store().await;
    let (_keep_two, two) = store().await;
    let blob = bytes(1_000_000);
    let hash = one.put_bytes(blob.clone()).await.expect("kept");
    let transferred = Mutex::new(0u64);
    let note = |_: u64| *transferred.lock().expect("no panic") += 1;
    let sources = [one.endpoint()];
    let (first, second) = tokio::join!(
        two.fetch_reporting(hash, 1_000_000, &sources, &note),
        two.fetch_reporting(hash, 1_000_000, &sources, &note),
    );
    assert_eq!(first.expect("served"), blob);
    assert_eq!(second.expect("served"), blob);
    // In parts of 16 KiB.
    assert_eq!(*transferred.lock().expect("no panic"), 62);
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_pages_brings_a_witness_that_the_chain_accepts() {
    let (_keep_one, one) = store().await;
    let (_keep_two, two) = store().await;
    for length in [1usize, 1_024, 1_025, 16_384, 17_000, 100_000, 1_234_567] {
        let blob = bytes(length);
        let input = InputRef::of(&blob);
        one.put_bytes(blob.clone()).await.expect("kept");
        let last = (length - 1) / CHUNK_BYTES;
        let mut sets: Vec<BTreeSet<u32>> = vec![
            (0..=last as u32).collect(),
            [last as u32].into(),
            [0, last as u32 / 2].into(),
        ];
        let mut runner = TestRunner::deterministic();
        let strategy = proptest::collection::vec(any::<Index>(), 1..30);
        for _ in 0..6 {
            let picks = strategy.new_tree(&mut runner).expect("a value").current();
            sets.push(
                picks
                    .iter()
                    .map(|pick| pick.index(last + 1) as u32)
                    .collect(),
            );
        }
        for pages in sets {
            let slice = two
                .fetch_pages(&input, &pages, &[one.endpoint()])
                .await
                .expect("served");
            let expected = Witness::build(&[&blob], std::slice::from_ref(&pages)).expect("pages");
            assert_eq!(slice, expected.inputs[0], "{pages:?} of {length} bytes");
            let own = one
                .fetch_pages(&input, &pages, &[])
                .await
                .expect("own copy");
            assert_eq!(own, slice);
        }
        assert_eq!(two.get(input.hash).await, None, "the rest was not fetched");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fetch_pages_is_refused_when_the_length_or_the_page_is_wrong() {
    let (_keep_one, one) = store().await;
    let (_keep_two, two) = store().await;
    let input = InputRef::of(&bytes(50_000));
    one.put_bytes(bytes(50_000)).await.expect("kept");
    let sources = [one.endpoint()];
    let longer = InputRef {
        length: 60_000,
        ..input
    };
    assert!(
        two.fetch_pages(&longer, &[3].into(), &sources)
            .await
            .is_err()
    );
    assert!(
        two.fetch_pages(&input, &[49].into(), &sources)
            .await
            .is_err()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoint_key_stays_when_the_store_is_opened_again() {
    let (folder, store) = store().await;
    let (key, hash) = (
        store.endpoint().key,
        store.put_bytes(bytes(5_000)).await.expect("kept"),
    );
    store.close().await;
    let again = open(folder.path()).await;
    assert_eq!(again.endpoint().key, key);
    assert_eq!(again.get(hash).await, Some(bytes(5_000)));
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn endpoint_key_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (folder, _store) = store().await;
    let key = std::fs::metadata(folder.path().join("endpoint.key")).expect("a file");
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
}

#[test]
fn familiar_is_the_last_port_when_any_will_do_and_it_is_free() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join(PORT_FILE);
    let any: SocketAddr = ([127, 0, 0, 1], 0).into();
    assert_eq!(familiar(any, &file), any);
    let taken = UdpSocket::bind(any).expect("some port is free");
    let last = taken.local_addr().expect("it is bound");
    std::fs::write(&file, last.port().to_string()).expect("a file");
    assert_eq!(familiar(any, &file), any);
    drop(taken);
    assert_eq!(familiar(any, &file), last);
    let chosen: SocketAddr = ([127, 0, 0, 1], 4_242).into();
    assert_eq!(familiar(chosen, &file), chosen);
}
