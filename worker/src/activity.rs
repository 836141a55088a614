// SPDX-License-Identifier: Apache-2.0
//! What the worker is doing, for people and dashboards.

use assay_primitives::JobId;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

/// The stage of a computation that is over.
pub const DONE: &str = "computed";

/// A computation, under way or the last one that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// For which job.
    pub job: JobId,
    /// What is done now, in words; [`DONE`] when nothing is.
    pub stage: String,
    /// Tiles done.
    pub done: u32,
    /// Tiles in all.
    pub total: u32,
    /// Tiles a second since the stage began.
    pub rate: f64,
}

/// The present activity, shared between who works and who watches.
#[derive(Clone, Debug, Default)]
pub struct ActivityMonitor(Arc<Mutex<Option<(Activity, Instant)>>>);

impl ActivityMonitor {
    /// What is going on, or was last, if anything ever was.
    pub fn now(&self) -> Option<Activity> {
        let guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        guard.as_ref().map(|(activity, _)| activity.clone())
    }

    /// A stage of a job begins.
    pub fn begin(&self, job: JobId, stage: &str, total: u32) {
        let activity = Activity {
            job,
            stage: stage.into(),
            done: 0,
            total,
            rate: 0.0,
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((activity, Instant::now()));
    }

    /// So many tiles are done.
    pub fn done(&self, done: u32) {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((activity, since)) = guard.as_mut() {
            activity.done = done;
            activity.rate = f64::from(done) / since.elapsed().as_secs_f64().max(1e-3);
        }
    }

    /// Nothing is going on any more; what was done last can still be seen.
    pub fn end(&self) {
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((activity, _)) = guard.as_mut() {
            activity.stage = DONE.into();
        }
    }
}
