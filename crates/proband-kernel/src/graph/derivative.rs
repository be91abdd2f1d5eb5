//! Symbolic derivatives, by one sweep in the order of evaluation: no recursion, each node once.

use super::analysis::Users;
use super::{Graph, Node, NodeId};
use proband_lang::{Binary, Unary};
use std::collections::BTreeMap;

/// A derivative: nothing where it is zero by structure.
type Slope = Option<NodeId>;

impl Graph {
    /// The derivatives of `roots` with respect to one input, nothing for those that are zero by
    /// structure. Whole-number functions and conditions count as constant, as they are almost
    /// everywhere.
    pub fn derivatives(
        &mut self,
        roots: &[NodeId],
        with_respect_to: NodeId,
    ) -> Vec<Option<NodeId>> {
        let users = self.users(roots);
        self.derivatives_through(&users, roots, with_respect_to)
    }

    /// The same, given which nodes use which.
    pub(crate) fn derivatives_through(
        &mut self,
        users: &Users,
        roots: &[NodeId],
        with_respect_to: NodeId,
    ) -> Vec<Option<NodeId>> {
        let one = self.constant(1.0);
        let mut slopes = BTreeMap::from([(with_respect_to, one)]);
        for id in users.above(with_respect_to) {
            if let Some(slope) = self.slope(id, &slopes) {
                slopes.insert(id, slope);
            }
        }
        roots.iter().map(|root| slopes.get(root).copied()).collect()
    }

    fn slope(&mut self, id: NodeId, slopes: &BTreeMap<NodeId, NodeId>) -> Slope {
        let of = |id: NodeId| slopes.get(&id).copied();
        match self.node(id) {
            Node::Constant(_) | Node::Input(..) | Node::Unknown(_) => None,
            Node::Unary(which, x) => match of(x) {
                Some(dx) => self.unary_slope(which, id, x, dx),
                None => None,
            },
            Node::Binary(which, a, b) => self.binary_slope(which, id, (a, b), (of(a), of(b))),
            Node::Fma(a, b, c) => {
                let product = self.binary_slope(Binary::Mul, id, (a, b), (of(a), of(b)));
                self.sum_of(product, of(c))
            }
            Node::Select(condition, yes, no) => self.select_slope(condition, of(yes), of(no)),
            Node::Table(table, x) => match of(x) {
                Some(dx) => self.table_slope(table, x, dx),
                None => None,
            },
            Node::Finite(x) => of(x).map(|dx| self.finite(dx)),
            Node::Root { body, depth, .. } => match of(body) {
                Some(slope) => self.root_slope(id, (body, depth), slope),
                None => None,
            },
        }
    }

    /// The derivative of a root of `body(u, p)`, wherever its bracket ends: `-(d body/d p)/(d body/d u)`
    /// at the root (the implicit function theorem), given the first of the two.
    fn root_slope(&mut self, id: NodeId, (body, depth): (NodeId, u32), slope: NodeId) -> Slope {
        let unknown = self.unknown(depth);
        let steepness = self.derivatives(&[body], unknown)[0]?;
        let quotient = self.binary(Binary::Div, slope, steepness);
        let at_root = self.replace(quotient, &self.free_unknown(quotient, depth, id));
        Some(self.unary(Unary::Neg, at_root))
    }

    /// What puts a root in the place of the unknown at a depth, but for roots of that depth: these have
    /// an unknown of their own.
    fn free_unknown(&self, of: NodeId, depth: u32, root: NodeId) -> BTreeMap<NodeId, NodeId> {
        let binds = |id: &NodeId| matches!(self.node(*id), Node::Root { depth: own, .. } if own == depth);
        let unknown =
            |id: &NodeId| matches!(self.node(*id), Node::Unknown(own) if own == depth);
        let mut places = BTreeMap::new();
        for id in self.cone([of], |id| binds(&id)) {
            if binds(&id) {
                places.insert(id, id);
            } else if unknown(&id) {
                places.insert(id, root);
            }
        }
        places
    }

    /// The derivative of `id = which(x)`.
    fn unary_slope(&mut self, which: Unary, id: NodeId, x: NodeId, dx: NodeId) -> Slope {
        use std::f64::consts;
        let factor = match which {
            Unary::Neg => return Some(self.unary(Unary::Neg, dx)),
            Unary::Not | Unary::Sign | Unary::Floor | Unary::Round => return None,
            Unary::Abs => self.unary(Unary::Sign, x),
            Unary::Sqrt => return Some(self.quotient_with(dx, 2.0, id)),
            Unary::Exp => id,
            Unary::Ln => return Some(self.binary(Binary::Div, dx, x)),
            Unary::Log10 => return Some(self.quotient_with(dx, consts::LN_10, x)),
            Unary::Log2 => return Some(self.quotient_with(dx, consts::LN_2, x)),
            Unary::Sin => self.unary(Unary::Cos, x),
            Unary::Cos => {
                let sine = self.unary(Unary::Sin, x);
                self.unary(Unary::Neg, sine)
            }
            Unary::Tan => self.one_and_square(Binary::Add, id),
            Unary::Atan => {
                let under = self.one_and_square(Binary::Add, x);
                return Some(self.binary(Binary::Div, dx, under));
            }
            Unary::Sinh => self.unary(Unary::Cosh, x),
            Unary::Cosh => self.unary(Unary::Sinh, x),
            Unary::Tanh => self.one_and_square(Binary::Sub, id),
            Unary::Expit => self.times_complement(id),
            Unary::Logit => {
                let under = self.times_complement(x);
                return Some(self.binary(Binary::Div, dx, under));
            }
            Unary::Erf => self.bell(x, 1.0, consts::FRAC_2_SQRT_PI),
            Unary::NormalCdf => {
                self.bell(x, 0.5, consts::FRAC_2_SQRT_PI * consts::SQRT_2 / 4.0)
            }
            Unary::GammaLn => self.digamma(x),
        };
        Some(self.binary(Binary::Mul, dx, factor))
    }

    /// The derivative of `id = which(a, b)`.
    fn binary_slope(
        &mut self,
        which: Binary,
        id: NodeId,
        (a, b): (NodeId, NodeId),
        slopes: (Slope, Slope),
    ) -> Slope {
        let (da, db) = slopes;
        da.or(db)?;
        match which {
            Binary::Add => self.sum_of(da, db),
            Binary::Sub => self.slope_difference(da, db),
            Binary::Mul => {
                let left = da.map(|da| self.binary(Binary::Mul, da, b));
                let right = db.map(|db| self.binary(Binary::Mul, a, db));
                self.sum_of(left, right)
            }
            Binary::Div => {
                let pull = db.map(|db| self.binary(Binary::Mul, id, db));
                let over = self.slope_difference(da, pull);
                over.map(|over| self.binary(Binary::Div, over, b))
            }
            Binary::Pow => self.power_slope(id, (a, b), slopes),
            Binary::Min => {
                let first = self.binary(Binary::Less, a, b);
                self.select_slope(first, da, db)
            }
            Binary::Max => {
                let first = self.binary(Binary::Greater, a, b);
                self.select_slope(first, da, db)
            }
            Binary::Mod => {
                let pull = db.map(|db| {
                    let quotient = self.binary(Binary::Div, a, b);
                    let whole = self.unary(Unary::Floor, quotient);
                    self.binary(Binary::Mul, whole, db)
                });
                self.slope_difference(da, pull)
            }
            Binary::Less
            | Binary::LessEqual
            | Binary::Greater
            | Binary::GreaterEqual
            | Binary::Equal
            | Binary::NotEqual
            | Binary::And
            | Binary::Or => None,
        }
    }

    /// d(a^b) = b a^(b-1) da + a^b ln(a) db.
    fn power_slope(
        &mut self,
        id: NodeId,
        (a, b): (NodeId, NodeId),
        (da, db): (Slope, Slope),
    ) -> Slope {
        let of_base = da.map(|da| {
            let one = self.constant(1.0);
            let exponent = self.binary(Binary::Sub, b, one);
            let power = self.binary(Binary::Pow, a, exponent);
            let factor = self.binary(Binary::Mul, b, power);
            self.binary(Binary::Mul, factor, da)
        });
        let of_exponent = db.map(|db| {
            let log = self.unary(Unary::Ln, a);
            let factor = self.binary(Binary::Mul, id, log);
            self.binary(Binary::Mul, factor, db)
        });
        self.sum_of(of_base, of_exponent)
    }

    fn table_slope(&mut self, table: u32, x: NodeId, dx: NodeId) -> Slope {
        let slope = self.tables[table as usize].slope()?;
        let slope = self.add_table(slope);
        let factor = self.table(slope, x);
        Some(self.binary(Binary::Mul, dx, factor))
    }

    fn select_slope(&mut self, condition: NodeId, yes: Slope, no: Slope) -> Slope {
        yes.or(no)?;
        let zero = self.constant(0.0);
        Some(self.select(condition, yes.unwrap_or(zero), no.unwrap_or(zero)))
    }

    /// The sum of what may be zero by structure.
    pub(crate) fn sum_of(&mut self, a: Option<NodeId>, b: Option<NodeId>) -> Option<NodeId> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.binary(Binary::Add, a, b)),
            _ => a.or(b),
        }
    }

    fn slope_difference(&mut self, a: Slope, b: Slope) -> Slope {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.binary(Binary::Sub, a, b)),
            (None, Some(b)) => Some(self.unary(Unary::Neg, b)),
            (a, None) => a,
        }
    }

    /// `over / (factor x)`.
    fn quotient_with(&mut self, over: NodeId, factor: f64, x: NodeId) -> NodeId {
        let factor = self.constant(factor);
        let under = self.binary(Binary::Mul, factor, x);
        self.binary(Binary::Div, over, under)
    }

    /// `1 + x^2` or `1 - x^2`.
    fn one_and_square(&mut self, sign: Binary, x: NodeId) -> NodeId {
        let one = self.constant(1.0);
        let square = self.binary(Binary::Mul, x, x);
        self.binary(sign, one, square)
    }

    /// `x (1 - x)`.
    fn times_complement(&mut self, x: NodeId) -> NodeId {
        let one = self.constant(1.0);
        let complement = self.binary(Binary::Sub, one, x);
        self.binary(Binary::Mul, x, complement)
    }

    /// `height exp(-narrowness x^2)`.
    fn bell(&mut self, x: NodeId, narrowness: f64, height: f64) -> NodeId {
        let square = self.binary(Binary::Mul, x, x);
        let factor = self.constant(-narrowness);
        let exponent = self.binary(Binary::Mul, factor, square);
        let bell = self.unary(Unary::Exp, exponent);
        let height = self.constant(height);
        self.binary(Binary::Mul, height, bell)
    }

    /// The derivative of ln gamma for positive arguments: moved up by eight (DLMF 5.5.2), then the
    /// asymptotic series (5.11.2) to z^-14, whose error is below 1e-15 from 8 on.
    fn digamma(&mut self, x: NodeId) -> NodeId {
        /// B(2k) / 2k for k from 1.
        const SERIES: [f64; 7] = [
            1.0 / 12.0,
            -1.0 / 120.0,
            1.0 / 252.0,
            -1.0 / 240.0,
            1.0 / 132.0,
            -691.0 / 32760.0,
            1.0 / 12.0,
        ];
        let one = self.constant(1.0);
        let eight = self.constant(8.0);
        let z = self.binary(Binary::Add, x, eight);
        let inverse = self.binary(Binary::Div, one, z);
        let square = self.binary(Binary::Mul, inverse, inverse);
        let mut series = self.constant(0.0);
        for term in SERIES.into_iter().rev() {
            let term = self.constant(term);
            let inner = self.binary(Binary::Add, term, series);
            series = self.binary(Binary::Mul, inner, square);
        }
        let half = self.constant(0.5);
        let half_inverse = self.binary(Binary::Mul, half, inverse);
        let log = self.unary(Unary::Ln, z);
        let value = self.binary(Binary::Sub, log, half_inverse);
        let mut value = self.binary(Binary::Sub, value, series);
        for k in 0..8 {
            let k = self.constant(f64::from(k));
            let shifted = self.binary(Binary::Add, x, k);
            let term = self.binary(Binary::Div, one, shifted);
            value = self.binary(Binary::Sub, value, term);
        }
        value
    }
}
