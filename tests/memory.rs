//! Memory is bounded: a trial of many participants holds no more at once than one of few.
#![expect(unsafe_code, reason = "an allocator that counts")]

use proband_engine::tables::{Batch, Sink, SinkError};
use proband_engine::{Unwatched, simulate};
use proband_tests::{enrolled, on, open, plan};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicIsize, Ordering};

struct Counting;

static LIVE: AtomicIsize = AtomicIsize::new(0);
static PEAK: AtomicIsize = AtomicIsize::new(0);

fn count(bytes: isize) {
    let live = LIVE.fetch_add(bytes, Ordering::Relaxed) + bytes;
    PEAK.fetch_max(live, Ordering::Relaxed);
}

// SAFETY: hands everything to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Looks at rows, and keeps nothing.
struct Gone;

impl Sink for Gone {
    fn shard(&self, _: u32, _: &[Batch], _: &[&[f64]]) -> Result<(), SinkError> {
        Ok(())
    }

    fn has_shard(&self, _: u32) -> bool {
        false
    }
}

const MODEL: &str = "
model m
time day
param k = 0.1 1/day ~ lognormal sd 0.3
state x [mg] = 10 mg
d x/dt = -k * x
hazard fall [1/day] = 0.05 1/day
observe x ~ normal cv 10%
";

/// The most bytes in use at once while so many participants are simulated on one thread.
fn peak(participants: u32) -> isize {
    let toml = format!(
        "trial.id = \"M\"\nmodel.m.file = \"m.model\"\ndesign.participants = {participants}\n\
         output.level = \"truth\"\n[arm.a]\ncontrol = true\n[arm.b]\n\
         [[encounter]]\nevery = \"7 day\"\nuntil = \"week 12\"\n\
         [eligibility]\nat = \"day 1\"\ninclusion.low = \"x < 11 mg\"\n"
    );
    let trial = open(&toml, &[("m.model", MODEL)]);
    on(1, || {
        let plan = plan(&trial);
        let before = LIVE.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        simulate(&plan, &enrolled(&plan), &Gone, &Unwatched).expect("rows are dropped");
        PEAK.load(Ordering::Relaxed) - before
    })
}

#[test]
fn memory_is_bounded() {
    // From 2048 participants on a wave of screening, and up to 8192 a shard, has the same size: what
    // may grow is what enrolment keeps of a shard, 16 of them against 64.
    let (few, many) = (peak(2_048), peak(8_192));
    assert!(few > 100_000, "{few} bytes");
    assert!(many - few < 64 * 1_024, "{few} bytes for 2048 participants, {many} for 8192");
}
