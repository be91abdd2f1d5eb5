//! From the steps of a block to machine code: which value is in which register when.
//!
//! One pass in the order of the steps. When registers run out, the value that is needed last
//! leaves its own, for a slot of scratch unless it lies in memory anyway: inputs, constants and
//! outputs that were written. What lies in memory and is needed once is an operand from there.

use super::assembler::{Address, Assembler, Form, Source};
use super::block::{Block, Fused, Row, Step, Value, What};
use super::constants::Constants;
use super::uses::Uses;
use crate::program::Kind;
use crate::program::backend::InstructionSet;
use iced_x86::Register;

/// What points to the banks of twin, signals, time, states and outputs, in the order in which
/// their first bytes are handed over.
const BANKS: [Register; 5] =
    [Register::R9, Register::R10, Register::R11, Register::RCX, Register::RDI];
const CONSTANTS: Register = Register::RSI;
const SCRATCH: Register = Register::RDX;

/// A value that would have to be stored must be unneeded for so many steps more than one that lies
/// in memory anyway, to leave its register before that one.
const COST_OF_SPILLING: usize = 30;

/// How a program lies in memory.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) set: InstructionSet,
    /// How many lanes a row has.
    pub(super) lanes: usize,
    /// How many vectors are computed at once.
    pub(super) vectors: usize,
    /// Rows of registers at the front of scratch, a vector each.
    pub(super) registers: usize,
}

/// Writes the function of a block; gives its position and how many slots of scratch it takes.
pub(super) fn generate(
    block: &Block,
    layout: Layout,
    constants: &Constants,
    assembler: &mut Assembler,
) -> (usize, usize) {
    let start = assembler.position();
    let top = assembler.enter(&BANKS);
    let values = block.steps().len();
    let mut generator = Generator {
        block,
        layout,
        constants,
        assembler,
        uses: Uses::of(block),
        vectors: vec![None; layout.set.vectors()],
        masks: vec![None; layout.set.masks()],
        register: vec![None; values],
        home: vec![None; values],
        free_slots: Vec::new(),
        left_slots: Vec::new(),
        slots: 0,
    };
    for (at, step) in block.steps().iter().enumerate() {
        generator.step(Value::new(at), step);
    }
    let slots = generator.slots;
    assembler.leave(top, layout.vectors);
    (start as usize, slots)
}

/// Where a value can be found besides a register.
#[derive(Clone, Copy, Debug)]
enum Home {
    Slot(usize),
    Row(Row),
}

struct Generator<'a> {
    block: &'a Block,
    layout: Layout,
    constants: &'a Constants,
    assembler: &'a mut Assembler,
    uses: Uses,
    /// What each register holds.
    vectors: Vec<Option<Value>>,
    masks: Vec<Option<Value>>,
    /// The register of each value.
    register: Vec<Option<u8>>,
    home: Vec<Option<Home>>,
    free_slots: Vec<usize>,
    /// Slots that the present step still reads.
    left_slots: Vec<usize>,
    slots: usize,
}

impl Generator<'_> {
    fn step(&mut self, value: Value, step: &Step) {
        self.free_slots.append(&mut self.left_slots);
        let operands = step.operands();
        match (step.what, operands) {
            (What::Constant(_) | What::Load(_), _) => {}
            (What::Store(row), &[x]) => self.store(row, x),
            _ if self.uses.left(value) == 0 => {}
            (What::Fused(kind), &[a, b, c]) => self.fused(value, kind, [a, b, c]),
            (What::Select, &[mask, yes, no]) => self.select(value, [mask, yes, no]),
            (what, &[a]) => self.unary(value, what, a),
            (what, &[a, b]) => self.binary(value, what, [a, b]),
            _ => unreachable!("no step has another number of operands"),
        }
    }

    fn store(&mut self, row: Row, x: Value) {
        let from = self.in_register(x, &[]);
        self.assembler.store(self.row(row), from);
        let home = &mut self.home[x.index()];
        if row.place.kind() == Kind::Output as usize && home.is_none() {
            *home = Some(Home::Row(row));
        }
        self.pass(&[x]);
    }

    fn unary(&mut self, value: Value, what: What, a: Value) {
        let from = self.in_register(a, &[]);
        self.pass(&[a]);
        let to = self.claim(value, &[]);
        self.assembler.unary(what, to, from);
    }

    fn binary(&mut self, value: Value, what: What, operands: [Value; 2]) {
        let [mut a, mut b] = operands;
        if what.commutes() && self.is_better_in_memory(a, &operands) {
            (a, b) = (b, a);
        }
        let first = self.in_register(a, &operands);
        let second = self.source(b, &operands);
        self.pass(&operands);
        let to = self.claim(value, &[]);
        self.assembler.binary(what, to, first, second);
    }

    fn select(&mut self, value: Value, operands: [Value; 3]) {
        let [mask, yes, no] = operands;
        let mask = self.in_register(mask, &operands);
        let no = self.in_register(no, &operands);
        let yes = self.source(yes, &operands);
        self.pass(&operands);
        let to = self.claim(value, &[]);
        self.assembler.select(to, mask, yes, no);
    }

    /// Overwrites an operand that is not needed again, or a copy of one.
    fn fused(&mut self, value: Value, kind: Fused, operands: [Value; 3]) {
        let [a, b, c] = operands;
        let over = self.overwritten(operands);
        let (form, [first, second]) = match over {
            2 if self.is_better_in_memory(a, &operands) => (Form::Summand, [b, a]),
            2 => (Form::Summand, [a, b]),
            over => {
                let factor = operands[1 - over];
                if self.is_better_in_memory(factor, &operands) {
                    (Form::FactorThenSummand, [c, factor])
                } else {
                    (Form::SummandLast, [factor, c])
                }
            }
        };
        let first = self.in_register(first, &operands);
        let second = self.source(second, &operands);
        let over = operands[over];
        let to = match self.register[over.index()] {
            Some(register) if self.dies(over, &operands) => {
                self.pass(&operands);
                self.hold(value, register);
                self.name(value)
            }
            _ => {
                let to = self.claim(value, &operands);
                self.copy(to, over);
                self.pass(&operands);
                to
            }
        };
        self.assembler.fused(kind, form, to, first, second);
    }

    /// Which operand of a multiply-add is overwritten: one in a register that is not needed again,
    /// else one that has to be loaded anyway, else the summand.
    fn overwritten(&self, operands: [Value; 3]) -> usize {
        let order = [2, 0, 1];
        let in_register = |at: usize| self.register[operands[at].index()].is_some();
        let ready =
            order.into_iter().find(|&at| in_register(at) && self.dies(operands[at], &operands));
        ready.or_else(|| order.into_iter().find(|&at| !in_register(at))).unwrap_or(2)
    }

    /// Whether a value is not needed after the step of these operands.
    fn dies(&self, value: Value, operands: &[Value]) -> bool {
        let here = operands.iter().filter(|&&operand| operand == value).count();
        self.uses.left(value) == here
    }

    /// Whether a value is best used from memory, where it lies.
    fn is_better_in_memory(&self, value: Value, operands: &[Value]) -> bool {
        let in_memory = self.address(value).is_some() && !self.block.what(value).gives_mask();
        if self.register[value.index()].is_some() || !in_memory {
            return false;
        }
        let once = operands.iter().filter(|&&operand| operand == value).count() == 1;
        let constant = matches!(self.block.what(value), What::Constant(_));
        once && (constant || self.uses.left(value) == 1)
    }

    fn source(&mut self, value: Value, operands: &[Value]) -> Source {
        match self.address(value) {
            Some(address) if self.is_better_in_memory(value, operands) => address.source(),
            _ => Source::Register(self.in_register(value, operands)),
        }
    }

    /// The register of a value, which is loaded where it has none. The operands keep theirs.
    fn in_register(&mut self, value: Value, operands: &[Value]) -> Register {
        if self.register[value.index()].is_none() {
            let to = self.claim(value, operands);
            self.copy(to, value);
        }
        self.name(value)
    }

    /// Brings a value from where it lies.
    fn copy(&mut self, to: Register, value: Value) {
        let from = self.register[value.index()].map(|_| self.name(value)).filter(|&r| r != to);
        match (from, self.address(value)) {
            (Some(from), _) => self.assembler.copy(to, from),
            (None, Some(address)) if self.has_mask_register(value) => {
                self.assembler.load_mask(to, address);
            }
            (None, Some(address)) => self.assembler.load(to, address),
            (None, None) => unreachable!("a value that is needed is somewhere"),
        }
    }

    /// Passes a use of each operand; what is not needed again leaves its register and slot.
    fn pass(&mut self, operands: &[Value]) {
        for &operand in operands {
            self.uses.pass(operand);
        }
        for &operand in operands {
            if self.uses.left(operand) == 0 {
                self.leave(operand);
                if let Some(Home::Slot(slot)) = self.home[operand.index()].take() {
                    self.left_slots.push(slot);
                }
            }
        }
    }

    fn leave(&mut self, value: Value) {
        if let Some(register) = self.register[value.index()].take() {
            self.file(value)[register as usize] = None;
        }
    }

    /// A register for a value, from another if none is free. The operands keep theirs.
    fn claim(&mut self, value: Value, operands: &[Value]) -> Register {
        let free = self.file(value).iter().position(Option::is_none);
        let register = free.unwrap_or_else(|| self.evict(value, operands));
        self.hold(value, register as u8);
        self.name(value)
    }

    fn hold(&mut self, value: Value, register: u8) {
        self.file(value)[register as usize] = Some(value);
        self.register[value.index()] = Some(register);
    }

    /// Frees a register of the kind that a value needs: of the value whose next use is furthest.
    fn evict(&mut self, like: Value, operands: &[Value]) -> usize {
        let file = if self.has_mask_register(like) { &self.masks } else { &self.vectors };
        let held = file.iter().enumerate();
        let held = held.filter_map(|(register, value)| Some((register, (*value)?)));
        let (register, value) = held
            .filter(|(_, value)| !operands.contains(value))
            .max_by_key(|&(_, value)| self.distance(value))
            .expect("a step has fewer operands than there are registers");
        self.spill(value);
        self.leave(value);
        register
    }

    /// How far the next use of a value is, further where leaving its register costs nothing.
    fn distance(&self, value: Value) -> usize {
        let next = self.uses.next(value).unwrap_or(usize::MAX / 2);
        next + if self.address(value).is_some() { COST_OF_SPILLING } else { 0 }
    }

    fn spill(&mut self, value: Value) {
        if self.address(value).is_some() || self.uses.left(value) == 0 {
            return;
        }
        let slot = self.free_slots.pop().unwrap_or_else(|| {
            self.slots += 1;
            self.slots - 1
        });
        self.home[value.index()] = Some(Home::Slot(slot));
        let (to, from) = (self.slot(slot), self.name(value));
        if self.has_mask_register(value) {
            self.assembler.store_mask(to, from);
        } else {
            self.assembler.store(to, from);
        }
    }

    /// Where a value lies in memory, if it does.
    fn address(&self, value: Value) -> Option<Address> {
        match (self.block.what(value), self.home[value.index()]) {
            (What::Constant(bits), _) => Some(self.constant(bits)),
            (What::Load(row), _) | (_, Some(Home::Row(row))) => Some(self.row(row)),
            (_, Some(Home::Slot(slot))) => Some(self.slot(slot)),
            (_, None) => None,
        }
    }

    fn constant(&self, bits: u64) -> Address {
        let bytes = self.constants.offset(bits);
        let one_for_all = self.layout.set == InstructionSet::Avx512;
        Address { one_for_all, ..Address::of(CONSTANTS, bytes as i64) }
    }

    fn slot(&self, slot: usize) -> Address {
        let row = self.layout.registers + slot;
        Address::of(SCRATCH, (row * self.layout.set.bytes()) as i64)
    }

    fn row(&self, Row { place, vector }: Row) -> Address {
        const TWIN: usize = Kind::Twin as usize;
        let (kind, row) = (place.kind(), place.row());
        if kind == Kind::Register as usize {
            return Address::of(SCRATCH, (row * self.layout.set.bytes()) as i64);
        }
        let bytes = (row * self.layout.lanes * 8 + vector * self.layout.set.bytes()) as i64;
        Address { by_lane: true, ..Address::of(BANKS[kind - TWIN], bytes) }
    }

    fn has_mask_register(&self, value: Value) -> bool {
        self.layout.set == InstructionSet::Avx512 && self.block.what(value).gives_mask()
    }

    fn file(&mut self, value: Value) -> &mut Vec<Option<Value>> {
        if self.has_mask_register(value) { &mut self.masks } else { &mut self.vectors }
    }

    /// The name of the register that holds a value.
    fn name(&self, value: Value) -> Register {
        let number = self.register[value.index()].expect("is in a register") as usize;
        if self.has_mask_register(value) {
            self.assembler.mask(number)
        } else {
            self.assembler.vector(number)
        }
    }
}
