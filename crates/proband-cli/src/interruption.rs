//! Ctrl-C.

use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);

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

#[expect(clippy::exit, reason = "nobody is left who could return")]
fn leave() -> ! {
    std::process::exit(i32::from(crate::INTERRUPTED))
}
