//! Straight-line primitive operations: every value is given once, by the step of its number.

use crate::program::Place;
use std::collections::BTreeMap;

/// What a step gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Value(u32);

impl Value {
    /// Stands where a step has fewer operands than there is room for.
    pub(super) const NONE: Self = Self(u32::MAX);

    pub(super) fn new(step: usize) -> Self {
        Self(u32::try_from(step).expect("fewer than 2^32 steps"))
    }

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One operation on vectors or masks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) what: What,
    operands: [Value; 3],
}

impl Step {
    pub(super) fn operands(&self) -> &[Value] {
        let count = self.operands.iter().take_while(|&&value| value != Value::NONE).count();
        &self.operands[..count]
    }
}

/// What a step does. All of it is pinned down by IEEE 754 or acts on bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// These bits in every lane.
    Constant(u64),
    /// Lanes of a row.
    Load(Row),
    /// Writes lanes of a row.
    Store(Row),
    Add,
    Subtract,
    Multiply,
    Divide,
    Lesser,
    Greater,
    And,
    Or,
    Xor,
    /// The bits as integers, added.
    AddBits,
    ShiftUp52,
    ShiftDown52,
    SquareRoot,
    Round(Rounding),
    Fused(Fused),
    Compare(Predicate),
    MaskAnd,
    MaskOr,
    MaskXor,
    /// Where the first, a mask, is true the second, elsewhere the third.
    Select,
}

/// A vector's lanes of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) place: Place,
    /// Which of the vectors that are computed at once.
    pub(super) vector: usize,
}

/// Which way to a whole number; the value is the instruction's, which raises no exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rounding {
    NearestEven = 8,
    Down = 9,
    TowardsZero = 11,
}

/// Multiply-add, rounded once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fused {
    /// a b + c
    Add,
    /// a b - c
    Subtract,
    /// c - a b
    NegativeAdd,
}

/// How two vectors are compared; the value is the instruction's, which raises no exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Predicate {
    Equal = 0x00,
    NotEqualOrNan = 0x04,
    Less = 0x11,
    LessEqual = 0x12,
    NotLessOrNan = 0x15,
    NotLessEqualOrNan = 0x16,
}

impl Predicate {
    /// True exactly where this one is false.
    pub(super) fn contrary(self) -> Self {
        match self {
            Self::Equal => Self::NotEqualOrNan,
            Self::NotEqualOrNan => Self::Equal,
            Self::Less => Self::NotLessOrNan,
            Self::NotLessOrNan => Self::Less,
            Self::LessEqual => Self::NotLessEqualOrNan,
            Self::NotLessEqualOrNan => Self::LessEqual,
        }
    }
}

impl What {
    /// Whether it gives one truth per lane rather than a number.
    pub(super) fn gives_mask(self) -> bool {
        matches!(self, Self::Compare(_) | Self::MaskAnd | Self::MaskOr | Self::MaskXor)
    }

    /// Whether the first two operands may change places. Which NaN comes out may change with
    /// them, but NaN is one value.
    pub(super) fn commutes(self) -> bool {
        use What::{Add, AddBits, And, Compare, Multiply, Or, Xor};
        matches!(
            self,
            Add | Multiply
                | And
                | Or
                | Xor
                | AddBits
                | Compare(Predicate::Equal | Predicate::NotEqualOrNan)
        )
    }
}

/// Steps in order.
#[derive(Debug, Default)]
pub(super) struct Block {
    steps: Vec<Step>,
    constants: BTreeMap<u64, Value>,
}

impl Block {
    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub(super) fn what(&self, value: Value) -> What {
        self.steps[value.index()].what
    }

    /// The same bits in every lane.
    pub(super) fn constant(&mut self, bits: u64) -> Value {
        if let Some(&known) = self.constants.get(&bits) {
            return known;
        }
        let value = self.push(What::Constant(bits), &[]);
        self.constants.insert(bits, value);
        value
    }

    pub(super) fn push(&mut self, what: What, operands: &[Value]) -> Value {
        if let Some(bits) = self.folded(what, operands) {
            return self.constant(bits);
        }
        let mut all = [Value::NONE; 3];
        all[..operands.len()].copy_from_slice(operands);
        self.steps.push(Step { what, operands: all });
        Value::new(self.steps.len() - 1)
    }

    /// The same for several vectors at once, so many steps of each in turn: while one waits for what it
    /// has begun, the processor gets on with the next.
    pub(super) fn abreast(&self, vectors: usize, turn: usize) -> Self {
        let mut all = Self::default();
        let mut values = vec![Vec::with_capacity(self.steps.len()); vectors];
        for steps in self.steps.chunks(turn) {
            for (vector, values) in values.iter_mut().enumerate() {
                for step in steps {
                    let value = all.again(step, vector, values);
                    values.push(value);
                }
            }
        }
        all
    }

    /// A step of another block, whose values so far are these, for one of the vectors.
    fn again(&mut self, step: &Step, vector: usize, values: &[Value]) -> Value {
        let operands = step.operands.map(|value| *values.get(value.index()).unwrap_or(&value));
        let operands = &operands[..step.operands().len()];
        match step.what {
            What::Constant(bits) => self.constant(bits),
            What::Load(row) => self.push(What::Load(Row { vector, ..row }), operands),
            What::Store(row) => self.push(What::Store(Row { vector, ..row }), operands),
            what => self.push(what, operands),
        }
    }

    /// The contrary of a mask.
    pub(super) fn not(&mut self, mask: Value) -> Value {
        let Step { what, operands: [a, b, _] } = self.steps[mask.index()];
        if let What::Compare(predicate) = what {
            return self.push(What::Compare(predicate.contrary()), &[a, b]);
        }
        let zero = self.constant(0);
        let everywhere = self.push(What::Compare(Predicate::Equal), &[zero, zero]);
        self.push(What::MaskXor, &[mask, everywhere])
    }

    /// Signs of constants and their magnitudes need not wait until run time.
    fn folded(&self, what: What, operands: &[Value]) -> Option<u64> {
        let bits = |at: usize| match self.what(operands[at]) {
            What::Constant(bits) => Some(bits),
            _ => None,
        };
        match what {
            What::And => Some(bits(0)? & bits(1)?),
            What::Or => Some(bits(0)? | bits(1)?),
            What::Xor => Some(bits(0)? ^ bits(1)?),
            _ => None,
        }
    }
}
