// SPDX-License-Identifier: Apache-2.0
//! A device that is open, and what went wrong with it.

use super::adapters;
use crate::engine::EngineError;
use futures::executor::block_on;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How long one batch may take. A tile cannot: what it can burn at most takes a second on a slow processor.
const PATIENCE: Duration = Duration::from_secs(120);

/// An open device.
#[derive(Debug)]
pub(super) struct Device {
    pub(super) handle: wgpu::Device,
    pub(super) queue: wgpu::Queue,
    pub(super) limits: wgpu::Limits,
    name: String,
    /// The first thing that went wrong since somebody asked.
    fault: Arc<Mutex<Option<String>>>,
}

impl Device {
    /// Opens the adapter whose name contains `wanted`, or the best one.
    pub(super) fn open(wanted: Option<&str>) -> Result<Self, EngineError> {
        let (adapter, description) = adapters::choose(wanted)?;
        let limits = adapter.limits();
        let (handle, queue) = block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("assay"),
            required_limits: limits.clone(),
            ..Default::default()
        }))
        .map_err(|error| EngineError::Device(error.to_string()))?;
        let fault = Arc::new(Mutex::new(None));
        let keep = |fault: &Arc<Mutex<Option<String>>>, message: String| {
            fault
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get_or_insert(message);
        };
        let uncaptured = fault.clone();
        handle.on_uncaptured_error(Arc::new(move |error: wgpu::Error| {
            keep(&uncaptured, error.to_string());
        }));
        let lost = fault.clone();
        handle.set_device_lost_callback(move |reason, message| {
            keep(&lost, format!("it was lost ({reason:?}): {message}"));
        });
        Ok(Self {
            handle,
            queue,
            limits,
            name: format!("{} ({})", description.name, description.driver),
            fault,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The most bytes that one buffer can give to a kernel.
    pub(super) fn most_bytes(&self) -> u64 {
        self.limits
            .max_storage_buffer_binding_size
            .min(self.limits.max_buffer_size)
    }

    /// Fails when anything went wrong since the last check: what one job broke is not held against the next.
    pub(super) fn check(&self) -> Result<(), EngineError> {
        let mut fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner);
        match fault.take() {
            Some(message) => Err(EngineError::Device(message)),
            None => Ok(()),
        }
    }

    /// Waits until a submission of so many tiles is through, and what was to be mapped after it is.
    pub(super) fn wait(
        &self,
        submission: wgpu::SubmissionIndex,
        tiles: u32,
    ) -> Result<(), EngineError> {
        let waited = self.handle.poll(wgpu::PollType::Wait {
            submission_index: Some(submission),
            timeout: Some(PATIENCE),
        });
        self.check()?;
        match waited {
            Ok(_) => Ok(()),
            Err(wgpu::PollError::Timeout) => Err(EngineError::Stalled {
                tiles,
                seconds: PATIENCE.as_secs(),
            }),
            Err(error) => Err(EngineError::Device(error.to_string())),
        }
    }
}
