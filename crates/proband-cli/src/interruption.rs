//! Ctrl-C.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::thread::{self, Thread};
use std::time::Duration;

static ASKED: AtomicBool = AtomicBool::new(false);

/// The code with which the second Ctrl-C ends the program.
static CODE: AtomicU8 = AtomicU8::new(crate::INTERRUPTED);

/// A flag that Ctrl-C (or a polite `kill`) sets. The second Ctrl-C ends the program at once: no file is
/// half-written then either, and what is done stays done.
#[must_use]
pub fn interruption() -> &'static AtomicBool {
    // Without a handler the system ends the program, which is all the same to the files.
    let _ = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::Relaxed) {
            leave();
        }
    });
    &ASKED
}

/// Does work that may go on for so long after `stop` was set; then the program ends with a code, and what
/// was in hand is dropped.
pub(crate) fn within_grace<T>(
    stop: &AtomicBool,
    grace: Duration,
    code: u8,
    work: impl FnOnce() -> T,
) -> T {
    CODE.store(code, Ordering::Relaxed);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let watcher = scope.spawn(|| leave_after(stop, grace, &done));
        let _done = Done { done: &done, watcher: watcher.thread() };
        work()
    })
}

/// Says so when the work is done, or has failed.
struct Done<'a> {
    done: &'a AtomicBool,
    watcher: &'a Thread,
}

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        self.watcher.unpark();
    }
}

fn leave_after(stop: &AtomicBool, grace: Duration, done: &AtomicBool) {
    const TICK: Duration = Duration::from_millis(50);
    let mut left = grace;
    while !done.load(Ordering::Relaxed) {
        thread::park_timeout(TICK);
        if stop.load(Ordering::Relaxed) {
            left = left.saturating_sub(TICK);
            if left.is_zero() && !done.load(Ordering::Relaxed) {
                leave();
            }
        }
    }
}

#[expect(clippy::exit, reason = "nobody is left who could return")]
fn leave() -> ! {
    std::process::exit(i32::from(CODE.load(Ordering::Relaxed)))
}
