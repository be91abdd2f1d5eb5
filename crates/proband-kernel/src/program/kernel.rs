//! A program ready to run.

use super::interpret::Frame;
use super::native::{Line, Native};
use super::{Backend, Kind, PLACES, Program};
use proband_math::vector::Simd;
use std::sync::Arc;

/// Rows of lanes that programs read: value `i` of lane `l` is at `i * lanes + l`.
///
/// A bank that a program does not read may be empty. Lanes without a twin may hold anything; no
/// lane's answer depends on another.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// How many lanes stand side by side.
    pub lanes: usize,
    /// What belongs to a twin: what is drawn or given, then what the prelude derives.
    pub twin: &'a [f64],
    /// What changes at instants.
    pub signals: &'a [f64],
    /// Each lane's time.
    pub t: &'a [f64],
    /// The states.
    pub states: &'a [f64],
}

/// A program with memory to run in. Running allocates nothing.
#[derive(Clone, Debug)]
pub struct Kernel {
    program: Program,
    lanes: usize,
    level: Simd,
    registers: Vec<f64>,
    /// Each constant in every lane.
    constants: Vec<f64>,
    /// Machine code, and what it runs in.
    native: Option<(Arc<Native>, Vec<Line>)>,
}

impl Kernel {
    pub(super) fn new(program: Program, lanes: usize, backend: Backend) -> Self {
        assert!(lanes > 0, "a kernel has lanes");
        let constants = &program.tape.constants;
        let constants = constants.iter().flat_map(|&x| std::iter::repeat_n(x, lanes)).collect();
        let registers = vec![0.0; program.registers() * lanes];
        let native = program.compiled.code(&program.tape, lanes, backend);
        let native = native.map(|code| {
            let scratch = vec![Line::ZERO; code.scratch()];
            (code, scratch)
        });
        Self { program, lanes, level: Simd::detect(), registers, constants, native }
    }

    /// The same kernel on the interpreter, at another width of vectors; the results have the same
    /// bits.
    #[must_use]
    pub fn with_level(self, level: Simd) -> Self {
        Self { level, native: None, ..self }
    }

    /// What computes all lanes. One lane alone is always the interpreter's.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match &self.native {
            Some((code, _)) => code.backend(),
            None => Backend::Interpreter,
        }
    }

    /// How many bytes of machine code it runs, if any.
    #[must_use]
    pub fn code_bytes(&self) -> Option<usize> {
        self.native.as_ref().map(|(code, _)| code.code_bytes())
    }

    /// How many lanes it was made for.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// How many rows it writes.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.program.outputs()
    }

    /// Computes every lane: output `i` of lane `l` goes to `i * lanes + l`. Panics where the
    /// lanes are not the kernel's, or a bank that the program reads lacks rows.
    pub fn run(&mut self, rows: &Rows<'_>, outputs: &mut [f64]) {
        assert!(rows.lanes == self.lanes, "rows of {} lanes", self.lanes);
        let bases = self.bases(rows, 0, self.lanes, outputs);
        match &mut self.native {
            // SAFETY: the code was made from this tape for these lanes, on a processor that has
            // its instructions; banks as in `interpret`.
            Some((code, scratch)) => unsafe { code.run(&self.program.tape, bases, scratch) },
            None => self.interpret(bases, self.lanes, self.lanes, self.lanes),
        }
    }

    /// Computes one lane of rows of any number of lanes: output `i` goes to `outputs[i]`.
    pub fn run_lane(&mut self, rows: &Rows<'_>, lane: usize, outputs: &mut [f64]) {
        assert!(lane < rows.lanes, "lane {lane} of {}", rows.lanes);
        let bases = self.bases(rows, lane, 1, outputs);
        self.interpret(bases, rows.lanes, 1, 1);
    }

    /// The first number of each bank, from the `first` lane on; large enough for the tape.
    fn bases(
        &mut self,
        rows: &Rows<'_>,
        first: usize,
        output_lanes: usize,
        outputs: &mut [f64],
    ) -> [*mut f64; PLACES] {
        let extents = self.program.tape.extents;
        let inputs = [rows.twin, rows.signals, rows.t, rows.states];
        let needed = &extents[Kind::Twin as usize..=Kind::State as usize];
        for (bank, &extent) in inputs.iter().zip(needed) {
            assert!(bank.len() >= extent * rows.lanes, "a bank lacks rows");
        }
        assert!(outputs.len() >= self.outputs() * output_lanes, "the outputs lack rows");
        // An empty bank is never read, and a pointer past its end would not even be allowed.
        let from = |bank: &[f64]| bank.get(first..).map_or(bank.as_ptr(), <[f64]>::as_ptr);
        let [twin, signals, t, states] = inputs.map(from).map(<*const f64>::cast_mut);
        let constants = self.constants.as_ptr().cast_mut();
        let registers = self.registers.as_mut_ptr();
        [registers, constants, twin, signals, t, states, outputs.as_mut_ptr()]
    }

    /// Computes `count` lanes of rows that have been found large enough.
    fn interpret(
        &self,
        bases: [*mut f64; PLACES],
        input_lanes: usize,
        output_lanes: usize,
        count: usize,
    ) {
        let (inner, outer) = (self.lanes, input_lanes);
        let strides = [inner, inner, outer, outer, outer, outer, output_lanes];
        // SAFETY: every instruction's places lie within the extents, for which the banks have been
        // found large enough: row `r` of a bank has `count` numbers from `bases + r * strides` on.
        // Only registers and outputs are written, which the caller borrows mutably.
        let frame = unsafe { Frame::new(&self.program.tape, bases, strides, count) };
        // A vector wider than the lanes would be filled up lane by lane.
        let level = if count < self.level.lanes() { Simd::Scalar } else { self.level };
        level.run(frame);
    }
}
