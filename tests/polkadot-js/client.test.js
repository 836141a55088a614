// SPDX-License-Identifier: Apache-2.0
//! The chain through @polkadot/api, as a wallet or an explorer meets it: the metadata alone says what things are.
//!
//! `ASSAY_URL` is the address of a development node; `ASSAY_KERNEL` is the SCALE encoding of a kernel with one
//! input, in hexadecimal, that is not registered there. `tests/tests/polkadot_js.rs` starts one and passes both.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

/** The smallest units of an ASY. */
const UNIT = 10n ** 12n;

/** How long a test may take, in milliseconds: some twenty blocks, on a slow machine. */
const PATIENCE = { timeout: 300_000 };

let provider;
let api;
let eve;
let ferdie;

before(async () => {
  // GIVEN a client that is told an address and nothing else
  provider = new WsProvider(setting('ASSAY_URL', 'the address of a node, such as ws://127.0.0.1:9944'));
  api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
  const keyring = new Keyring({ type: 'sr25519', ss58Format: api.registry.chainSS58 });
  eve = keyring.addFromUri('//Eve');
  ferdie = keyring.addFromUri('//Ferdie');
}, PATIENCE);

// The provider would try again for ever, also after a connection that failed.
after(() => provider?.disconnect());

test('chain_says_its_name_token_and_address_format', PATIENCE, async () => {
  assert.equal((await api.rpc.system.chain()).toString(), 'Assay Development');
  assert.equal(api.runtimeVersion.specName.toString(), 'assay');
  assert.deepEqual(api.registry.chainTokens, ['ASY']);
  assert.deepEqual(api.registry.chainDecimals, [12]);
  assert.equal(api.registry.chainSS58, 42);
  assert.equal(eve.address, '5HGjWAeFDfFCWPsjFQdVV2Msvz2XtMktvgocEZcCj68kUMaw');
});

test('metadata_is_recent_and_transactions_can_carry_its_hash', () => {
  assert.ok(api.runtimeMetadata.version >= 15, `version ${api.runtimeMetadata.version} has no runtime APIs`);
  assert.ok(api.registry.signedExtensions.includes('CheckMetadataHash'), `${api.registry.signedExtensions}`);
});

test('constants_and_storage_can_be_read', PATIENCE, async () => {
  assert.equal(api.consts.jobs.bondMultiple.toNumber(), 2);
  assert.equal(api.consts.jobs.maxKernelBytes.toNumber(), 65_536);
  assert.equal(api.consts.jobs.maxRounds.toNumber(), 3);
  assert.ok(api.consts.providers.minimumStake.toBigInt() > 0n);
  assert.ok(api.consts.balances.existentialDeposit.toBigInt() > 0n);

  const [jobs, providers, account] = await Promise.all([
    api.query.jobs.counterForJobs(),
    api.query.providers.providers.entries(),
    api.query.system.account(eve.address),
  ]);
  assert.equal(jobs.toNumber(), 0);
  assert.equal(providers.length, 0);
  assert.ok(account.data.free.toBigInt() > 1_000n * UNIT);
});

test('runtime_answers_without_types_of_the_client', PATIENCE, async () => {
  assert.deepEqual((await api.call.providersApi.providers()).toJSON(), []);
  assert.ok((await api.call.providersApi.provider(eve.address)).isNone);
  assert.ok((await api.call.jobsApi.job(1_000_000)).isNone);
  assert.ok((await api.call.jobsApi.kernel(new Uint8Array(32))).isNone);
  const spec = jobOf(new Uint8Array(32));
  // Of 1,000 tiles 100 are wrong: 43 draws without replacement miss all of them with a chance below 1%, 42 do not.
  assert.equal((await api.call.jobsApi.samples(spec.assurance, 1_000)).toNumber(), 43);
  const quote = await api.call.jobsApi.quote(spec);
  assert.ok(quote.isErr && quote.asErr.isUnknownKernel, quote.toString());
});

test('money_is_held_while_a_job_waits_and_comes_back_when_it_is_cancelled', PATIENCE, async () => {
  const start = await balance(eve);
  const fees = [];
  const does = async (call) => {
    const events = await send(call, eve);
    fees.push(event(events, api.events.transactionPayment.TransactionFeePaid).actualFee.toBigInt());
    return events;
  };

  // WHEN a kernel is registered
  const code = kernel();
  const registered = event(await does(api.tx.jobs.registerKernel(code)), api.events.jobs.KernelRegistered);

  // THEN its owner, deposit and bytecode can be read
  const hash = registered.kernel.toHex();
  assert.equal(registered.owner.toString(), eve.address);
  assert.equal(
    registered.deposit.toBigInt(),
    api.consts.jobs.depositBase.toBigInt() + api.consts.jobs.depositPerByte.toBigInt() * BigInt((code.length - 2) / 2),
  );
  const record = (await api.query.jobs.kernels(hash)).unwrap();
  assert.equal(record.owner.toString(), eve.address);
  assert.equal(record.inputs.toNumber(), 1);
  assert.equal((await api.query.jobs.kernelCode(hash)).unwrap().toHex(), code);
  assert.equal((await api.call.jobsApi.kernel(hash)).unwrap().code.toHex(), code);
  assert.deepEqual(await holds(eve), { Kernel: registered.deposit.toBigInt() });

  // WHEN a job is quoted and posted
  const spec = jobOf(hash);
  const quote = (await api.call.jobsApi.quote(spec)).asOk;
  assert.equal(quote.tiles.toNumber(), 60);
  assert.equal(quote.ceiling.toBigInt(), BigInt(spec.price.ceiling));
  assert.equal(quote.capable.toNumber(), 0);
  const posted = event(await does(api.tx.jobs.post(spec)), api.events.jobs.JobPosted);

  // THEN what the quote said is held
  const id = posted.job.toNumber();
  assert.equal(posted.requester.toString(), eve.address);
  assert.equal(posted.samples.toNumber(), quote.samples.toNumber());
  assert.equal(posted.escrow.toBigInt(), quote.ceiling.toBigInt() + quote.verification.toBigInt());
  assert.equal(posted.escrow.toBigInt() + posted.deposit.toBigInt(), quote.total.toBigInt());
  const held = {
    Kernel: registered.deposit.toBigInt(),
    Escrow: posted.escrow.toBigInt(),
    Deposit: posted.deposit.toBigInt(),
  };
  assert.deepEqual(await holds(eve), held);
  assert.equal((await balance(eve)).reserved, held.Kernel + quote.total.toBigInt());

  // THEN storage and runtime show the job
  const stored = (await api.query.jobs.jobs(id)).unwrap();
  assert.equal(stored.requester.toString(), eve.address);
  const view = (await api.call.jobsApi.job(id)).unwrap();
  assert.equal(view.id.toNumber(), id);
  assert.deepEqual(view.spec.toU8a(), stored.spec.toU8a());
  assert.deepEqual(view.spec.toU8a(), api.tx.jobs.post(spec).args[0].toU8a());
  assert.ok(view.status.isAuction, view.status.toString());
  assert.equal(view.status.asAuction.until.toNumber(), posted.until.toNumber());
  const newest = await api.call.jobsApi.jobs(null, 1);
  assert.deepEqual(newest.map((job) => job.id.toNumber()), [id]);

  // WHEN the job is cancelled
  const settled = event(await does(api.tx.jobs.cancel(id)), api.events.jobs.JobSettled);

  // THEN everything held for it comes back, and a receipt stays
  assert.ok(settled.reason.isCancelled, settled.reason.toString());
  assert.equal(settled.refunded.toBigInt(), posted.escrow.toBigInt());
  assert.equal(settled.deposit.toBigInt(), posted.deposit.toBigInt());
  assert.equal(settled.fee.toBigInt(), 0n);
  assert.ok(settled.provider.isNone && settled.root.isNone && settled.paid.isEmpty);
  assert.deepEqual(await holds(eve), { Kernel: held.Kernel });
  assert.ok((await api.query.jobs.jobs(id)).isNone);
  assert.ok((await api.query.jobs.receipts(id)).isSome);
  const closed = (await api.call.jobsApi.job(id)).unwrap().status;
  assert.ok(closed.isClosed && closed.asClosed.reason.isCancelled, closed.toString());

  // WHEN the kernel is removed
  const removed = event(await does(api.tx.jobs.removeKernel(hash)), api.events.jobs.KernelRemoved);

  // THEN only the fees are gone
  assert.equal(removed.deposit.toBigInt(), held.Kernel);
  assert.deepEqual(await holds(eve), {});
  const end = await balance(eve);
  assert.equal(end.reserved, start.reserved);
  assert.equal(start.free - end.free, fees.reduce((sum, fee) => sum + fee, 0n));
});

test('refusal_is_named_when_a_call_cannot_be_done', PATIENCE, async () => {
  // GIVEN a kernel
  const code = kernel();
  const events = await send(api.tx.jobs.registerKernel(code), ferdie);
  const hash = event(events, api.events.jobs.KernelRegistered).kernel.toHex();
  const spec = jobOf(hash);
  const start = await balance(ferdie);

  // WHEN calls break a rule, THEN the metadata has the name and the text of the obstacle
  await refused(api.tx.jobs.registerKernel(code), ferdie, 'jobs.KernelExists');
  await refused(api.tx.jobs.registerKernel(`${code}00`), ferdie, 'jobs.KernelMalformed');
  await refused(api.tx.jobs.registerKernel(`0xff${code.slice(4)}`), ferdie, 'jobs.KernelInvalid');
  await refused(api.tx.jobs.removeKernel(hash), eve, 'jobs.NotOwner');
  await refused(
    api.tx.jobs.post({ ...spec, price: { floor: 2n * UNIT, ceiling: UNIT } }),
    ferdie,
    'jobs.BadPrice',
  );
  await refused(api.tx.jobs.cancel(1_000_000), ferdie, 'jobs.UnknownJob');

  // WHEN a job may cost more than there is, THEN the currency refuses it
  const ceiling = start.free + UNIT;
  await refused(api.tx.jobs.post({ ...spec, price: { floor: UNIT, ceiling } }), ferdie, 'Token.FundsUnavailable');

  // THEN nothing is held but the kernel's deposit
  assert.equal((await balance(ferdie)).reserved, start.reserved);
  assert.deepEqual(Object.keys(await holds(ferdie)), ['Kernel']);
  await send(api.tx.jobs.removeKernel(hash), ferdie);
});

/** A setting from the environment. */
function setting(name, what) {
  const value = process.env[name];
  assert.ok(value, `set ${name}: ${what}`);
  return value;
}

/** The encoded kernel, as hexadecimal with its prefix. */
function kernel() {
  const code = setting('ASSAY_KERNEL', 'the SCALE encoding of a kernel with one input, in hexadecimal');
  return code.startsWith('0x') ? code : `0x${code}`;
}

/** The terms of a job of 60 tiles with one input, 99% sure that fewer than 10% of the tiles are wrong. */
function jobOf(kernel) {
  return {
    passes: [{ kernel, parameters: [], reads: [{ Input: 0 }], grid: [60, 1, 1] }],
    checker: null,
    inputs: [{ hash: `0x${'07'.repeat(32)}`, length: 60 * 1024 }],
    assurance: { confidence: 990_000, wrong: 100_000 },
    price: { floor: UNIT, ceiling: 10n * UNIT },
    auction: 100,
    compute: 50,
    source: { key: `0x${'09'.repeat(32)}`, address: { V4: { ip: [127, 0, 0, 1], port: 4242 } } },
  };
}

/** What an account has free and what is held of it. */
async function balance(account) {
  const { data } = await api.query.system.account(account.address);
  return { free: data.free.toBigInt(), reserved: data.reserved.toBigInt() };
}

/** What the pallet of jobs holds of an account, by reason. */
async function holds(account) {
  const all = await api.query.balances.holds(account.address);
  return Object.fromEntries(
    all.filter(({ id }) => id.isJobs).map(({ id, amount }) => [id.asJobs.type, amount.toBigInt()]),
  );
}

/** Signs and sends a call, waits for its block; the answer is its events, and the error if it was refused. */
async function submit(call, signer) {
  let stop;
  const { status, txHash, dispatchError } = await new Promise((resolve, reject) => {
    call
      .signAndSend(signer, { nonce: -1 }, (result) => {
        if (result.status.isInBlock) resolve(result);
        else if (result.isError) reject(new Error(`the pool dropped the transaction: ${result.status}`));
      })
      .then((unsubscribe) => (stop = unsubscribe), reject);
  });
  stop?.();

  // The events are read anew from the state of the block.
  const hash = status.asInBlock;
  const [{ block }, at] = await Promise.all([api.rpc.chain.getBlock(hash), api.at(hash)]);
  const index = block.extrinsics.findIndex((extrinsic) => extrinsic.hash.eq(txHash));
  const records = await at.query.system.events();
  const events = records
    .filter(({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.eq(index))
    .map(({ event }) => event);
  return { events, dispatchError };
}

/** The events of a call that must succeed. */
async function send(call, signer) {
  const { events, dispatchError } = await submit(call, signer);
  assert.equal(dispatchError, undefined, dispatchError && nameOf(dispatchError));
  event(events, api.events.system.ExtrinsicSuccess);
  return events;
}

/** The fields of the one event of a kind. */
function event(events, kind) {
  const found = events.filter((event) => kind.is(event));
  assert.equal(found.length, 1, `${events.map(({ section, method }) => `${section}.${method}`)}`);
  return found[0].data;
}

/** Sends a call that must fail with the error of a name. */
async function refused(call, signer, name) {
  const { events, dispatchError } = await submit(call, signer);
  assert.ok(dispatchError, `${name} was expected`);
  assert.equal(nameOf(dispatchError), name);
  if (dispatchError.isModule) {
    assert.ok(api.registry.findMetaError(dispatchError.asModule).docs.join('').length > 0, `${name} says nothing`);
  }
  event(events, api.events.system.ExtrinsicFailed);
}

/** The name of an error: of a pallet by the metadata, or of the runtime itself. */
function nameOf(error) {
  if (error.isModule) {
    const { section, name } = api.registry.findMetaError(error.asModule);
    return `${section}.${name}`;
  }
  return error.isToken ? `Token.${error.asToken.type}` : error.toString();
}
