//! Steps as instructions of AVX2 with FMA, or of AVX-512.

use super::block::{Fused, What};
use crate::program::backend::InstructionSet::{self, Avx2, Avx512};
use iced_x86::{Code, Encoder, IcedError, Instruction, MemoryOperand, Register};

impl InstructionSet {
    /// Bytes in a vector.
    pub(super) const fn bytes(self) -> usize {
        8 * self.lanes()
    }

    /// How many registers hold vectors.
    pub(super) const fn vectors(self) -> usize {
        match self {
            Avx2 => 16,
            Avx512 => 32,
        }
    }

    /// How many registers hold nothing but masks. `k0` is none of them: as a mask it means all.
    pub(super) const fn masks(self) -> usize {
        match self {
            Avx2 => 0,
            Avx512 => 7,
        }
    }

    fn vector(self, number: usize) -> Register {
        let first = match self {
            Avx2 => Register::YMM0,
            Avx512 => Register::ZMM0,
        };
        first + number as u32
    }
}

/// An operand that need not be in a register.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    Register(Register),
    Memory(MemoryOperand),
}

/// A row, or a constant, relative to what a register points to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Address {
    pub(super) base: Register,
    pub(super) bytes: i64,
    /// Whether the first lane's offset is to be added.
    pub(super) by_lane: bool,
    /// Whether one number stands for all lanes.
    pub(super) one_for_all: bool,
}

/// The byte offset of the first lane.
pub(super) const LANE: Register = Register::RAX;
/// The last value of it.
const LAST: Register = Register::R8;

impl Address {
    /// So many bytes after what the register points to.
    pub(super) fn of(base: Register, bytes: i64) -> Self {
        Self { base, bytes, by_lane: false, one_for_all: false }
    }

    fn operand(self) -> MemoryOperand {
        let index = if self.by_lane { LANE } else { Register::None };
        MemoryOperand::new(
            self.base,
            index,
            1,
            self.bytes,
            u32::from(self.bytes != 0),
            self.one_for_all,
            Register::None,
        )
    }

    /// The operand where the instruction itself says that it spreads one number.
    fn plain(self) -> MemoryOperand {
        Self { one_for_all: false, ..self }.operand()
    }

    pub(super) fn source(self) -> Source {
        Source::Memory(self.operand())
    }
}

/// Writes instructions one after another.
pub(super) struct Assembler {
    pub(super) set: InstructionSet,
    encoder: Encoder,
    position: u64,
    fault: Option<IcedError>,
}

impl Assembler {
    pub(super) fn new(set: InstructionSet) -> Self {
        Self { set, encoder: Encoder::new(64), position: 0, fault: None }
    }

    /// Where the next instruction goes.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// The bytes, unless some instruction could not be written.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, IcedError> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.encoder.take_buffer()),
        }
    }

    fn put(&mut self, instruction: Result<Instruction, IcedError>) {
        let at = self.position;
        match instruction.and_then(|instruction| self.encoder.encode(&instruction, at)) {
            Ok(bytes) => self.position += bytes as u64,
            Err(fault) => self.fault = self.fault.take().or(Some(fault)),
        }
    }

    /// The vector register of this number.
    pub(super) fn vector(&self, number: usize) -> Register {
        self.set.vector(number)
    }

    /// The register of this number that holds a mask.
    pub(super) fn mask(&self, number: usize) -> Register {
        match self.set {
            Avx2 => self.vector(number),
            Avx512 => Register::K1 + number as u32,
        }
    }

    /// Begins a function that gets in `rdi` the table of the banks' first bytes, in `rsi` the
    /// constants, in `rdx` scratch, in `rcx` and `r8` the bytes before the first lane and before
    /// the last lane at which vectors start. Gives the position to which [`leave`](Self::leave)
    /// goes back. The last bank may stay in `rdi`, another in `rcx`.
    pub(super) fn enter(&mut self, banks: &[Register]) -> u64 {
        self.put(Instruction::with2(Code::Mov_r64_rm64, LANE, Register::RCX));
        for (at, &bank) in banks.iter().enumerate() {
            let from = Address::of(Register::RDI, 8 * at as i64).operand();
            self.put(Instruction::with2(Code::Mov_r64_rm64, bank, from));
        }
        let top = self.position;
        // The last vector may overlap the one before: what is computed again is the same.
        self.put(Instruction::with2(Code::Cmp_r64_rm64, LANE, LAST));
        self.put(Instruction::with2(Code::Cmova_r64_rm64, LANE, LAST));
        top
    }

    /// Goes back for the next lanes, so many vectors on, or returns after the last.
    pub(super) fn leave(&mut self, top: u64, vectors: usize) {
        self.put(Instruction::with2(Code::Cmp_r64_rm64, LANE, LAST));
        let next = Address::of(LANE, (vectors * self.set.bytes()) as i64).operand();
        self.put(Instruction::with2(Code::Lea_r64_m, LANE, next));
        self.put(Instruction::with_branch(Code::Jb_rel32_64, top));
        self.put(Ok(Instruction::with(Code::VEX_Vzeroupper)));
        self.put(Ok(Instruction::with(Code::Retnq)));
    }

    /// Register from register.
    pub(super) fn copy(&mut self, to: Register, from: Register) {
        let code = self.pick(Code::VEX_Vmovapd_ymm_ymmm256, Code::EVEX_Vmovapd_zmm_k1z_zmmm512);
        self.put(Instruction::with2(code, to, from));
    }

    /// A vector from memory.
    pub(super) fn load(&mut self, to: Register, from: Address) {
        let code = match (self.set, from.one_for_all) {
            (Avx2, _) => Code::VEX_Vmovupd_ymm_ymmm256,
            (Avx512, false) => Code::EVEX_Vmovupd_zmm_k1z_zmmm512,
            (Avx512, true) => Code::EVEX_Vbroadcastsd_zmm_k1z_xmmm64,
        };
        self.put(Instruction::with2(code, to, from.plain()));
    }

    /// A vector to memory.
    pub(super) fn store(&mut self, to: Address, from: Register) {
        let code = self.pick(Code::VEX_Vmovupd_ymmm256_ymm, Code::EVEX_Vmovupd_zmmm512_k1z_zmm);
        self.put(Instruction::with2(code, to.operand(), from));
    }

    /// A mask from memory, where masks have registers of their own.
    pub(super) fn load_mask(&mut self, to: Register, from: Address) {
        self.put(Instruction::with2(Code::VEX_Kmovb_kr_km8, to, from.operand()));
    }

    /// A mask to memory, where masks have registers of their own.
    pub(super) fn store_mask(&mut self, to: Address, from: Register) {
        self.put(Instruction::with2(Code::VEX_Kmovb_m8_kr, to.operand(), from));
    }

    /// An operation of one operand, in a register.
    pub(super) fn unary(&mut self, what: What, to: Register, a: Register) {
        use What::{Round, ShiftDown52, ShiftUp52, SquareRoot};
        let (code, number) = match what {
            SquareRoot => {
                let code = self.pick(
                    Code::VEX_Vsqrtpd_ymm_ymmm256,
                    Code::EVEX_Vsqrtpd_zmm_k1z_zmmm512b64_er,
                );
                return self.put(Instruction::with2(code, to, a));
            }
            Round(way) => (
                self.pick(
                    Code::VEX_Vroundpd_ymm_ymmm256_imm8,
                    Code::EVEX_Vrndscalepd_zmm_k1z_zmmm512b64_imm8_sae,
                ),
                way as u32,
            ),
            ShiftUp52 => (
                self.pick(
                    Code::VEX_Vpsllq_ymm_ymm_imm8,
                    Code::EVEX_Vpsllq_zmm_k1z_zmmm512b64_imm8,
                ),
                52,
            ),
            ShiftDown52 => (
                self.pick(
                    Code::VEX_Vpsrlq_ymm_ymm_imm8,
                    Code::EVEX_Vpsrlq_zmm_k1z_zmmm512b64_imm8,
                ),
                52,
            ),
            _ => unreachable!("has two operands or three"),
        };
        self.put(Instruction::with3(code, to, a, number));
    }

    /// An operation of two operands, the first in a register.
    pub(super) fn binary(&mut self, what: What, to: Register, a: Register, b: Source) {
        let code = binary_code(self.set, what);
        match (what, b) {
            (What::Compare(predicate), Source::Register(b)) => {
                self.put(Instruction::with4(code, to, a, b, predicate as u32));
            }
            (What::Compare(predicate), Source::Memory(b)) => {
                self.put(Instruction::with4(code, to, a, b, predicate as u32));
            }
            (_, Source::Register(b)) => self.put(Instruction::with3(code, to, a, b)),
            (_, Source::Memory(b)) => self.put(Instruction::with3(code, to, a, b)),
        }
    }

    /// `yes` where the mask is true, `no` elsewhere.
    pub(super) fn select(&mut self, to: Register, mask: Register, yes: Source, no: Register) {
        let instruction = match (self.set, yes) {
            (Avx2, Source::Register(yes)) => {
                Instruction::with4(Code::VEX_Vblendvpd_ymm_ymm_ymmm256_ymm, to, no, yes, mask)
            }
            (Avx2, Source::Memory(yes)) => {
                Instruction::with4(Code::VEX_Vblendvpd_ymm_ymm_ymmm256_ymm, to, no, yes, mask)
            }
            (Avx512, Source::Register(yes)) => {
                Instruction::with3(Code::EVEX_Vblendmpd_zmm_k1z_zmm_zmmm512b64, to, no, yes)
            }
            (Avx512, Source::Memory(yes)) => {
                Instruction::with3(Code::EVEX_Vblendmpd_zmm_k1z_zmm_zmmm512b64, to, no, yes)
            }
        };
        let masked = |mut instruction: Instruction| {
            if self.set == Avx512 {
                instruction.set_op_mask(mask);
            }
            instruction
        };
        let instruction = instruction.map(masked);
        self.put(instruction);
    }

    /// Multiply-add that overwrites one of its operands.
    pub(super) fn fused(
        &mut self,
        kind: Fused,
        form: Form,
        to: Register,
        a: Register,
        b: Source,
    ) {
        let code = fused_code(self.set, kind, form);
        match b {
            Source::Register(b) => self.put(Instruction::with3(code, to, a, b)),
            Source::Memory(b) => self.put(Instruction::with3(code, to, a, b)),
        }
    }

    fn pick(&self, avx2: Code, avx512: Code) -> Code {
        match self.set {
            Avx2 => avx2,
            Avx512 => avx512,
        }
    }
}

/// Which operand of a multiply-add is overwritten, and what the other two are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The first factor: `to = to b + a`.
    FactorThenSummand,
    /// The first factor: `to = a to + b`.
    SummandLast,
    /// The summand: `to = a b + to`.
    Summand,
}

fn fused_code(set: InstructionSet, kind: Fused, form: Form) -> Code {
    use Form::{FactorThenSummand as F132, Summand as F231, SummandLast as F213};
    match (set, kind, form) {
        (Avx2, Fused::Add, F132) => Code::VEX_Vfmadd132pd_ymm_ymm_ymmm256,
        (Avx2, Fused::Add, F213) => Code::VEX_Vfmadd213pd_ymm_ymm_ymmm256,
        (Avx2, Fused::Add, F231) => Code::VEX_Vfmadd231pd_ymm_ymm_ymmm256,
        (Avx2, Fused::Subtract, F132) => Code::VEX_Vfmsub132pd_ymm_ymm_ymmm256,
        (Avx2, Fused::Subtract, F213) => Code::VEX_Vfmsub213pd_ymm_ymm_ymmm256,
        (Avx2, Fused::Subtract, F231) => Code::VEX_Vfmsub231pd_ymm_ymm_ymmm256,
        (Avx2, Fused::NegativeAdd, F132) => Code::VEX_Vfnmadd132pd_ymm_ymm_ymmm256,
        (Avx2, Fused::NegativeAdd, F213) => Code::VEX_Vfnmadd213pd_ymm_ymm_ymmm256,
        (Avx2, Fused::NegativeAdd, F231) => Code::VEX_Vfnmadd231pd_ymm_ymm_ymmm256,
        (Avx512, Fused::Add, F132) => Code::EVEX_Vfmadd132pd_zmm_k1z_zmm_zmmm512b64_er,
        (Avx512, Fused::Add, F213) => Code::EVEX_Vfmadd213pd_zmm_k1z_zmm_zmmm512b64_er,
        (Avx512, Fused::Add, F231) => Code::EVEX_Vfmadd231pd_zmm_k1z_zmm_zmmm512b64_er,
        (Avx512, Fused::Subtract, F132) => Code::EVEX_Vfmsub132pd_zmm_k1z_zmm_zmmm512b64_er,
        (Avx512, Fused::Subtract, F213) => Code::EVEX_Vfmsub213pd_zmm_k1z_zmm_zmmm512b64_er,
        (Avx512, Fused::Subtract, F231) => Code::EVEX_Vfmsub231pd_zmm_k1z_zmm_zmmm512b64_er,
        (Avx512, Fused::NegativeAdd, F132) => Code::EVEX_Vfnmadd132pd_zmm_k1z_zmm_zmmm512b64_er,
        (Avx512, Fused::NegativeAdd, F213) => Code::EVEX_Vfnmadd213pd_zmm_k1z_zmm_zmmm512b64_er,
        (Avx512, Fused::NegativeAdd, F231) => Code::EVEX_Vfnmadd231pd_zmm_k1z_zmm_zmmm512b64_er,
    }
}

fn binary_code(set: InstructionSet, what: What) -> Code {
    match (set, what) {
        (Avx2, What::Add) => Code::VEX_Vaddpd_ymm_ymm_ymmm256,
        (Avx2, What::Subtract) => Code::VEX_Vsubpd_ymm_ymm_ymmm256,
        (Avx2, What::Multiply) => Code::VEX_Vmulpd_ymm_ymm_ymmm256,
        (Avx2, What::Divide) => Code::VEX_Vdivpd_ymm_ymm_ymmm256,
        (Avx2, What::Lesser) => Code::VEX_Vminpd_ymm_ymm_ymmm256,
        (Avx2, What::Greater) => Code::VEX_Vmaxpd_ymm_ymm_ymmm256,
        (Avx2, What::And | What::MaskAnd) => Code::VEX_Vandpd_ymm_ymm_ymmm256,
        (Avx2, What::Or | What::MaskOr) => Code::VEX_Vorpd_ymm_ymm_ymmm256,
        (Avx2, What::Xor | What::MaskXor) => Code::VEX_Vxorpd_ymm_ymm_ymmm256,
        (Avx2, What::AddBits) => Code::VEX_Vpaddq_ymm_ymm_ymmm256,
        (Avx2, What::Compare(_)) => Code::VEX_Vcmppd_ymm_ymm_ymmm256_imm8,
        (Avx512, What::Add) => Code::EVEX_Vaddpd_zmm_k1z_zmm_zmmm512b64_er,
        (Avx512, What::Subtract) => Code::EVEX_Vsubpd_zmm_k1z_zmm_zmmm512b64_er,
        (Avx512, What::Multiply) => Code::EVEX_Vmulpd_zmm_k1z_zmm_zmmm512b64_er,
        (Avx512, What::Divide) => Code::EVEX_Vdivpd_zmm_k1z_zmm_zmmm512b64_er,
        (Avx512, What::Lesser) => Code::EVEX_Vminpd_zmm_k1z_zmm_zmmm512b64_sae,
        (Avx512, What::Greater) => Code::EVEX_Vmaxpd_zmm_k1z_zmm_zmmm512b64_sae,
        (Avx512, What::And) => Code::EVEX_Vandpd_zmm_k1z_zmm_zmmm512b64,
        (Avx512, What::Or) => Code::EVEX_Vorpd_zmm_k1z_zmm_zmmm512b64,
        (Avx512, What::Xor) => Code::EVEX_Vxorpd_zmm_k1z_zmm_zmmm512b64,
        (Avx512, What::AddBits) => Code::EVEX_Vpaddq_zmm_k1z_zmm_zmmm512b64,
        (Avx512, What::Compare(_)) => Code::EVEX_Vcmppd_kr_k1_zmm_zmmm512b64_imm8_sae,
        (Avx512, What::MaskAnd) => Code::VEX_Kandb_kr_kr_kr,
        (Avx512, What::MaskOr) => Code::VEX_Korb_kr_kr_kr,
        (Avx512, What::MaskXor) => Code::VEX_Kxorb_kr_kr_kr,
        _ => unreachable!("does not have two operands"),
    }
}
