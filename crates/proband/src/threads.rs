//! On how many cores.

use crate::{Failure, Result};
use std::num::NonZeroUsize;

/// Does work on so many threads, or on all cores. What comes out does not depend on it.
///
/// # Errors
/// Those of the work, and when the system gives no threads.
pub fn on_threads<T: Send>(
    threads: Option<NonZeroUsize>,
    work: impl FnOnce() -> Result<T> + Send,
) -> Result<T> {
    let Some(threads) = threads else { return work() };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build();
    pool.map_err(Failure::Threads)?.install(work)
}
