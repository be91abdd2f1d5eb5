//! From a body written once to an entry point per instruction set.

use super::Vector;
#[cfg(target_arch = "x86_64")]
use super::{F64x4, F64x8};

/// How wide to work. All levels give the same bits; a wider one gives them sooner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Simd {
    /// One lane, on every processor.
    Scalar,
    /// Four lanes: x86-64 with AVX2 and FMA.
    Avx2,
    /// Eight lanes: x86-64 with AVX-512 F and DQ.
    Avx512,
}

/// Work that can be done at any width.
pub trait Body {
    /// What the work gives back.
    type Output;

    /// Does the work with vectors of one kind.
    ///
    /// Mark it `#[inline(always)]`, and all that it calls with a vector in hand: what is not
    /// inlined is compiled without the wide instructions, hence slowly, though not wrongly.
    fn run<V: Vector>(self) -> Self::Output;
}

impl Simd {
    /// All levels, narrowest first.
    pub const ALL: [Self; 3] = [Self::Scalar, Self::Avx2, Self::Avx512];

    /// The widest level of this machine. The standard library remembers the answer.
    #[inline]
    pub fn detect() -> Self {
        if Self::Avx512.available() {
            Self::Avx512
        } else if Self::Avx2.available() {
            Self::Avx2
        } else {
            Self::Scalar
        }
    }

    /// Whether this machine has the level.
    #[inline]
    pub fn available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                Self::Avx2.available()
                    && is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
            }
            #[cfg(not(target_arch = "x86_64"))]
            Self::Avx2 | Self::Avx512 => false,
        }
    }

    /// Doubles per vector at this level.
    pub const fn lanes(self) -> usize {
        match self {
            Self::Scalar => 1,
            Self::Avx2 => 4,
            Self::Avx512 => 8,
        }
    }

    /// Does the work at this level, or with one lane where the machine lacks it: the bits are
    /// the same.
    #[inline]
    pub fn run<B: Body>(self, body: B) -> B::Output {
        #[cfg(target_arch = "x86_64")]
        {
            if self == Self::Avx512 && self.available() {
                // SAFETY: `available` has just found AVX-512 F and DQ, AVX2 and FMA.
                return unsafe { run_avx512(body) };
            }
            if self == Self::Avx2 && self.available() {
                // SAFETY: `available` has just found AVX2 and FMA.
                return unsafe { run_avx2(body) };
            }
            // One lane still wants the fused multiply-add as an instruction, not as a call.
            if Self::Avx2.available() {
                // SAFETY: `available` has just found AVX2 and FMA.
                return unsafe { run_scalar_fma(body) };
            }
        }
        body.run::<f64>()
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
fn run_avx512<B: Body>(body: B) -> B::Output {
    body.run::<F64x8>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_avx2<B: Body>(body: B) -> B::Output {
    body.run::<F64x4>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn run_scalar_fma<B: Body>(body: B) -> B::Output {
    body.run::<f64>()
}

/// Makes the entry point of a body: a function that takes the [`Simd`] level first.
///
/// `fn name<'a>(arguments) -> Output = body;` needs a generic `fn body<V: Vector>(arguments) ->
/// Output`, `#[inline(always)]`. References among the arguments name their lifetime. See
/// [`vector`](crate::vector) for an example.
#[macro_export]
macro_rules! dispatch {
    ($(
        $(#[$meta:meta])*
        $vis:vis fn $name:ident $(<$($life:lifetime),+>)? ($($arg:ident : $ty:ty),* $(,)?)
            $(-> $output:ty)? = $body:ident;
    )+) => {$(
        $(#[$meta])*
        $vis fn $name $(<$($life),+>)? (
            level: $crate::vector::Simd, $($arg: $ty),*
        ) $(-> $output)? {
            struct Arguments $(<$($life),+>)? { $($arg: $ty),* }

            impl $(<$($life),+>)? $crate::vector::Body for Arguments $(<$($life),+>)? {
                type Output = $crate::dispatch!(@output $($output)?);

                #[inline(always)]
                fn run<V: $crate::vector::Vector>(self) -> Self::Output {
                    $body::<V>($(self.$arg),*)
                }
            }

            level.run(Arguments { $($arg),* })
        }
    )+};
    (@output) => { () };
    (@output $output:ty) => { $output };
}
