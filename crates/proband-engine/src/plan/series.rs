//! Inputs that follow values from a file.

use proband_kernel::system::{Feed, ModelId, Signal, Source};
use proband_kernel::{System, SystemBuilder};
use proband_lang::{Between, Binary, Expr, SymbolId};
use proband_trial::Series;

/// A signal that follows values from a file.
#[derive(Clone, Debug)]
pub(crate) struct SeriesPlan {
    pub(crate) rows: SeriesRows,
    pub(crate) series: Series,
}

/// The rows that carry a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SeriesRows {
    /// One row with the value.
    Steps(usize),
    /// Value, slope per unit of the system's time, and the time at which the value held.
    Line {
        /// Row of the value.
        value: usize,
        /// Row of the slope.
        slope: usize,
        /// Row of the time.
        since: usize,
    },
}

/// `value + slope * (t - since)`.
static LINE: std::sync::LazyLock<Expr> = std::sync::LazyLock::new(|| {
    let symbol = |at| Expr::Symbol(SymbolId(at));
    let passed = Expr::binary(Binary::Sub, Expr::Time, symbol(2));
    Expr::binary(Binary::Add, symbol(0), Expr::binary(Binary::Mul, symbol(1), passed))
});

/// A series whose rows are known once the system is built.
pub(super) enum SeriesDraft {
    Steps(ModelId, usize, Series),
    Line(SeriesRows, Series),
}

impl SeriesDraft {
    /// Feeds an input by a series.
    pub(super) fn feed(
        builder: &mut SystemBuilder<'_>,
        (model, input): (ModelId, usize),
        series: &Series,
    ) -> Self {
        let series = series.clone();
        if series.between != Between::Linear {
            builder.feed(model, input, Feed::Signal);
            return Self::Steps(model, input, series);
        }
        let [value, slope, since] = [(); 3].map(|()| builder.add_signal());
        let line = builder.add_expression(&LINE, &mut |symbol: SymbolId| {
            Source::Signal([value, slope, since][symbol.index()])
        });
        builder.feed(model, input, Feed::Value(line));
        let rows = SeriesRows::Line { value: value.0, slope: slope.0, since: since.0 };
        Self::Line(rows, series)
    }

    pub(super) fn locate(self, system: &System) -> SeriesPlan {
        match self {
            Self::Line(rows, series) => SeriesPlan { rows, series },
            Self::Steps(model, input, series) => {
                // An input that nothing reads has no row; its values go nowhere.
                let row = system.signal(Signal::Input(model, input)).unwrap_or(usize::MAX);
                SeriesPlan { rows: SeriesRows::Steps(row), series }
            }
        }
    }
}
