// SPDX-License-Identifier: Apache-2.0
//! Carries out the command line.

use crate::{
    chain_spec,
    cli::{Cli, Subcommand},
    service,
};
use polkadot_sdk::{
    sc_cli::{Error, OffchainWorkerEnabled, Result, SubstrateCli},
    sc_service::{ChainSpec, PartialComponents},
};

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Assay Node".into()
    }

    fn impl_version() -> String {
        env!("SUBSTRATE_CLI_IMPL_VERSION").into()
    }

    fn description() -> String {
        env!("CARGO_PKG_DESCRIPTION").into()
    }

    fn author() -> String {
        "The Assay developers".into()
    }

    fn support_url() -> String {
        "docs/operators-guide.md in the source tree".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> std::result::Result<Box<dyn ChainSpec>, String> {
        Ok(Box::new(chain_spec::load(id)?))
    }
}

/// Reads the command line and does what it says.
pub fn run() -> Result<()> {
    let mut cli = Cli::from_args();
    match &cli.subcommand {
        Some(Subcommand::Key(command)) => command.run(&cli),
        Some(Subcommand::ExportChainSpec(command)) => {
            let spec = cli.load_spec(&command.chain)?;
            command.run(spec)
        }
        Some(Subcommand::CheckBlock(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents {
                client,
                task_manager,
                import_queue,
                ..
            } = service::new_partial(&config, None)?;
            Ok((command.run(client, import_queue), task_manager))
        }),
        Some(Subcommand::ExportBlocks(command)) => {
            cli.create_runner(command)?.async_run(|config| {
                let PartialComponents {
                    client,
                    task_manager,
                    ..
                } = service::new_partial(&config, None)?;
                Ok((command.run(client, config.database), task_manager))
            })
        }
        Some(Subcommand::ImportBlocks(command)) => {
            cli.create_runner(command)?.async_run(|config| {
                let PartialComponents {
                    client,
                    task_manager,
                    import_queue,
                    ..
                } = service::new_partial(&config, None)?;
                Ok((command.run(client, import_queue), task_manager))
            })
        }
        Some(Subcommand::ExportState(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents {
                client,
                task_manager,
                ..
            } = service::new_partial(&config, None)?;
            Ok((command.run(client, config.chain_spec), task_manager))
        }),
        Some(Subcommand::PurgeChain(command)) => cli
            .create_runner(command)?
            .sync_run(|config| command.run(config.database)),
        Some(Subcommand::Revert(command)) => cli.create_runner(command)?.async_run(|config| {
            let PartialComponents {
                client,
                task_manager,
                backend,
                ..
            } = service::new_partial(&config, None)?;
            let revert_consensus = Box::new(|client, backend, blocks| {
                service::revert_consensus(client, backend, blocks).map_err(Into::into)
            });
            Ok((
                command.run(client, backend, Some(revert_consensus)),
                task_manager,
            ))
        }),
        Some(Subcommand::ChainInfo(command)) => cli
            .create_runner(command)?
            .sync_run(|config| command.run::<assay_runtime::transactions::OpaqueBlock>(&config)),
        None => {
            enable_offchain_worker(&mut cli)?;
            let (provider, storage_monitor) = (cli.provider.clone(), cli.storage_monitor.clone());
            let compiled_path = cli.compiled_path.clone();
            cli.create_runner(&cli.run)?
                .run_node_until_exit(|config| async move {
                    service::new_full(config, compiled_path, provider, storage_monitor)
                        .await
                        .map_err(Error::Service)
                })
        }
    }
}

/// Switches the off-chain worker on for a provider: by default Substrate runs off-chain workers on validators only, and a provider need not be one.
pub fn enable_offchain_worker(cli: &mut Cli) -> Result<()> {
    if !cli.provider.provider {
        return Ok(());
    }
    match &cli.run.offchain_worker_params.enabled {
        OffchainWorkerEnabled::Never => Err(Error::Input(
            "--provider needs the off-chain worker: leave out `--offchain-worker never`".into(),
        )),
        _ => {
            cli.run.offchain_worker_params.enabled = OffchainWorkerEnabled::Always;
            Ok(())
        }
    }
}
