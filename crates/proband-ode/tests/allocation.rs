//! Nothing is allocated while lanes advance.

use proband_diag::{Disk, Faults, Sources};
use proband_kernel::SystemBuilder;
use proband_kernel::system::ModelOptions;
use proband_lang::open_model;
use proband_ode::{
    Compiled, Crossing, Failure, Field, Host, LaneState, Method, Next, Plan, Samples, Settings,
    Sparsity, Start, WholeStep, Workspace, integrate,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counting;

thread_local! {
    /// Allocations of this thread: the threads of the test harness allocate when they like.
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[expect(unsafe_code, reason = "an allocator that counts has no safe form")]
// SAFETY: every call is passed on to the system's allocator as it is.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.with(|count| count.set(count.get() + 1));
        // SAFETY: the caller's promises are the system allocator's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are the system allocator's.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A harmonic oscillator with a guard.
struct Oscillator(Sparsity);

impl Field for Oscillator {
    fn states(&self) -> usize {
        2
    }

    fn rates(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]) {
        let (position, velocity) = y.split_at(t.len());
        let (moved, pulled) = dy.split_at_mut(t.len());
        moved.copy_from_slice(velocity);
        pulled.iter_mut().zip(position).for_each(|(pulled, position)| *pulled = -position);
    }

    fn jacobian(&self) -> Option<&Sparsity> {
        Some(&self.0)
    }

    fn fill_jacobian(&mut self, t: &[f64], _: &[f64], entries: &mut [f64]) {
        let (up, down) = entries.split_at_mut(t.len());
        up.fill(1.0);
        down.fill(-1.0);
    }

    fn guards(&self) -> usize {
        1
    }

    fn fill_guards(&mut self, _: &[f64], y: &[f64], guards: &mut [f64]) {
        guards.copy_from_slice(&y[..guards.len()]);
    }
}

/// Forty twins that each stop every unit of time and sample three times as often.
#[derive(Default)]
struct Clockwork {
    loaded: usize,
    until: usize,
    stops: [usize; 8],
    samples: [usize; 8],
    seen: usize,
}

impl Clockwork {
    fn plan(&self, lane: usize) -> Plan {
        let (stop, sample) = (self.stops[lane] as f64, self.samples[lane] as f64 / 3.0);
        Plan { stop, sample }
    }
}

impl<F: Field> Host<F> for Clockwork {
    fn load(&mut self, _: &mut F, lane: usize, mut y: LaneState<'_>) -> Option<Start> {
        (self.loaded < 40).then(|| {
            self.loaded += 1;
            (self.stops[lane], self.samples[lane]) = (1, 0);
            y.set(0, self.loaded as f64);
            Start { t: 0.0, plan: self.plan(lane) }
        })
    }

    fn next_sample(&mut self, lane: usize) -> f64 {
        self.samples[lane] += 1;
        self.plan(lane).sample
    }

    fn samples(&mut self, _: &mut F, samples: &Samples<'_>) {
        self.seen += samples.lanes.count_ones() as usize;
    }

    fn stop(&mut self, _: &mut F, lane: usize, _: f64, mut y: LaneState<'_>) -> Next {
        self.stops[lane] += 1;
        if self.stops[lane] > self.until {
            return Next::Finished;
        }
        y.set(1, y.get(1) + 0.1);
        Next::Afresh(self.plan(lane))
    }

    fn crossing(
        &mut self,
        _: &mut F,
        lane: usize,
        _: Crossing,
        _: f64,
        _: LaneState<'_>,
    ) -> Next {
        Next::Onward(self.plan(lane))
    }

    fn fail(&mut self, _: &mut F, _: usize, _: f64, failure: Failure, _: LaneState<'_>) {
        panic!("{failure:?}");
    }
}

fn settings(method: Method) -> Settings {
    let absolute = vec![1e-8; 2];
    let (relative, longest_step, most_steps) = (1e-6, f64::INFINITY, 100_000);
    Settings { method, relative, absolute, longest_step, most_steps, lanes: 8 }
}

/// Allocations of a run up to a time, in a workspace that is new or not.
fn allocations(
    field: &mut impl Field,
    method: Method,
    until: usize,
    work: &mut Workspace,
) -> usize {
    let mut host = Clockwork { until, ..Clockwork::default() };
    let settings = settings(method);
    let before = ALLOCATIONS.with(Cell::get);
    let statistics = integrate(field, &mut host, &settings, work);
    let after = ALLOCATIONS.with(Cell::get);
    assert_eq!(host.seen, 40 * (3 * until + 1));
    assert_eq!(statistics.failures, 0);
    assert_eq!(statistics.crossings > 40, field.guards() > 0, "{statistics:?}");
    after - before
}

/// The tank's system, in whole steps where programs run as machine code.
fn tank(method: Method) -> Compiled {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/tank.model");
    let (mut sources, mut faults) = (Sources::default(), Faults::default());
    let model = open_model(path, &Disk, &mut sources, &mut faults).expect("a model");
    let mut builder = SystemBuilder::new(model.time.clone());
    builder.add_model(&model, ModelOptions::default());
    let system = builder.build().expect("a system");
    let step = WholeStep::of(&system, &settings(method)).expect("a small system");
    Compiled::new(&system, 8).with_step(&step)
}

/// One test, because allocations of another would be counted too.
#[test]
fn only_a_new_workspace_allocates() {
    for method in [Method::Tsit5, Method::Rodas5P] {
        let mut oscillator = Oscillator(Sparsity::new(2, vec![(0, 1), (1, 0)]));
        only_a_new_workspace_allocates_for(&mut oscillator, method);
        only_a_new_workspace_allocates_for(&mut tank(method), method);
    }
}

fn only_a_new_workspace_allocates_for(field: &mut impl Field, method: Method) {
    let mut work = Workspace::new();
    let first = allocations(field, method, 3, &mut work);
    let longer = allocations(field, method, 90, &mut work);
    assert!(first > 0);
    assert_eq!(longer, 0, "{method:?}");
}
