//! Sparse linear systems of one pattern, a system per lane.
//!
//! Elimination without pivoting, in an order that is settled once per pattern: the next pivot
//! is the diagonal entry with the least product of entries left in its row and its column
//! (H. M. Markowitz, The elimination form of the inverse and its application to linear
//! programming, Management Science 3 (1957) 255-269). A pivot that comes out as zero makes the
//! lane's solution infinite, which a stepper's error control rejects; a shorter step makes the
//! diagonal dominant.

use crate::Sparsity;
use crate::number::Number;
use proband_math::vector::Vector;

/// What to do to factor and to solve.
#[derive(Clone, Debug, Default)]
pub(crate) struct Elimination {
    /// Entries of the factors: those of the matrix in its own order, then what fills in.
    entries: usize,
    /// Of each row, its diagonal entry.
    diagonal: Vec<usize>,
    factor: Vec<Operation>,
    /// From the first pivot to the last.
    forward: Vec<Product>,
    /// From the last pivot to the first.
    backward: Vec<Operation>,
}

#[derive(Clone, Copy, Debug)]
enum Operation {
    /// `w[entry] = 1 / w[entry]`.
    Invert(usize),
    /// `w[entry] = w[entry] * w[by]`; in a solution, `b[entry] = b[entry] * w[by]`.
    Scale { entry: usize, by: usize },
    /// `w[to] -= w[a] * w[b]`; in a solution, `b[to] -= w[a] * b[b]`.
    Subtract(Product),
}

#[derive(Clone, Copy, Debug)]
struct Product {
    to: usize,
    a: usize,
    b: usize,
}

impl Elimination {
    /// Settles the order of elimination for a matrix with these entries and all of the diagonal.
    pub(crate) fn new(pattern: &Sparsity) -> Self {
        let mut plan = Planner::new(pattern);
        while let Some(pivot) = plan.next_pivot() {
            plan.eliminate(pivot);
        }
        plan.finish()
    }

    /// How many entries the factors have.
    pub(crate) fn entries(&self) -> usize {
        self.entries
    }

    /// The entry of each row that is on the diagonal.
    pub(crate) fn diagonal(&self) -> &[usize] {
        &self.diagonal
    }

    /// Instructions per lane to factor, and to solve.
    pub(crate) fn effort(&self) -> (usize, usize) {
        (self.factor.len(), self.forward.len() + self.backward.len())
    }

    /// Factors matrices, in place.
    #[inline(always)]
    pub(crate) fn factor<N: Number>(&self, w: &mut impl Cells<N>) {
        for &operation in &self.factor {
            match operation {
                Operation::Invert(entry) => {
                    let pivot = w.get(entry);
                    w.set(entry, pivot.constant(1.0) / pivot);
                }
                Operation::Scale { entry, by } => w.set(entry, w.get(entry) * w.get(by)),
                Operation::Subtract(Product { to, a, b }) => {
                    w.set(to, w.get(a).subtracted(w.get(b), w.get(to)));
                }
            }
        }
    }

    /// Solves with factors, in place.
    #[inline(always)]
    pub(crate) fn solve<N: Number>(&self, w: &impl Cells<N>, x: &mut impl Cells<N>) {
        for &product in &self.forward {
            product.subtract(w, x);
        }
        for &operation in &self.backward {
            match operation {
                Operation::Subtract(product) => product.subtract(w, x),
                Operation::Scale { entry, by } => x.set(entry, x.get(entry) * w.get(by)),
                Operation::Invert(_) => unreachable!("no inversion in a solution"),
            }
        }
    }
}

impl Product {
    #[inline(always)]
    fn subtract<N: Number>(self, w: &impl Cells<N>, x: &mut impl Cells<N>) {
        x.set(self.to, w.get(self.a).subtracted(x.get(self.b), x.get(self.to)));
    }
}

/// Numbers by their index.
pub(crate) trait Cells<N> {
    fn get(&self, index: usize) -> N;
    fn set(&mut self, index: usize, value: N);
}

impl<N: Copy> Cells<N> for Vec<N> {
    fn get(&self, index: usize) -> N {
        self[index]
    }

    fn set(&mut self, index: usize, value: N) {
        self[index] = value;
    }
}

/// The lanes from `lane` on of rows of `lanes`.
pub(crate) struct LaneCells<R> {
    pub(crate) rows: R,
    pub(crate) lanes: usize,
    pub(crate) lane: usize,
}

impl<V: Vector> Cells<V> for LaneCells<&mut [f64]> {
    #[inline(always)]
    fn get(&self, index: usize) -> V {
        V::load(&self.rows[index * self.lanes + self.lane..])
    }

    #[inline(always)]
    fn set(&mut self, index: usize, value: V) {
        value.store(&mut self.rows[index * self.lanes + self.lane..]);
    }
}

/// An elimination while it is worked out.
struct Planner {
    states: usize,
    /// Where each element is among the entries, by row and column.
    place: Vec<Option<usize>>,
    left: Vec<usize>,
    plan: Elimination,
    /// Of each pivot in turn, its row and the columns left then.
    upper: Vec<(usize, Vec<usize>)>,
}

impl Planner {
    fn new(pattern: &Sparsity) -> Self {
        let states = pattern.states();
        let mut planner = Self {
            states,
            place: vec![None; states * states],
            left: (0..states).collect(),
            plan: Elimination::default(),
            upper: vec![],
        };
        for &(row, column) in pattern.entries() {
            planner.entry(row, column);
        }
        planner.plan.diagonal = (0..states).map(|state| planner.entry(state, state)).collect();
        planner
    }

    /// The entry of an element, made where there is none.
    fn entry(&mut self, row: usize, column: usize) -> usize {
        let place = &mut self.place[row * self.states + column];
        *place.get_or_insert_with(|| {
            self.plan.entries += 1;
            self.plan.entries - 1
        })
    }

    fn find(&self, row: usize, column: usize) -> Option<usize> {
        self.place[row * self.states + column]
    }

    /// Takes the pivot of least fill, the first of several.
    fn next_pivot(&mut self) -> Option<usize> {
        let fill = |&pivot: &usize| {
            let others = || self.left.iter().filter(move |&&other| other != pivot);
            let below = others().filter(|&&row| self.find(row, pivot).is_some()).count();
            let beside = others().filter(|&&column| self.find(pivot, column).is_some()).count();
            below * beside
        };
        let pivot = self.left.iter().copied().min_by_key(fill)?;
        self.left.retain(|&state| state != pivot);
        Some(pivot)
    }

    fn eliminate(&mut self, pivot: usize) {
        let left = self.left.clone();
        let beside: Vec<usize> =
            left.iter().copied().filter(|&column| self.find(pivot, column).is_some()).collect();
        let diagonal = self.plan.diagonal[pivot];
        self.plan.factor.push(Operation::Invert(diagonal));
        for &row in &left {
            let Some(lower) = self.find(row, pivot) else { continue };
            self.plan.factor.push(Operation::Scale { entry: lower, by: diagonal });
            self.plan.forward.push(Product { to: row, a: lower, b: pivot });
            for &column in &beside {
                let (to, b) = (self.entry(row, column), self.entry(pivot, column));
                self.plan.factor.push(Operation::Subtract(Product { to, a: lower, b }));
            }
        }
        self.upper.push((pivot, beside));
    }

    fn finish(mut self) -> Elimination {
        for (pivot, beside) in std::mem::take(&mut self.upper).into_iter().rev() {
            for column in beside {
                let a = self.entry(pivot, column);
                let product = Product { to: pivot, a, b: column };
                self.plan.backward.push(Operation::Subtract(product));
            }
            let by = self.plan.diagonal[pivot];
            self.plan.backward.push(Operation::Scale { entry: pivot, by });
        }
        self.plan
    }
}

#[cfg(test)]
mod tests {
    use super::Elimination;
    use crate::Sparsity;

    #[test]
    fn an_arrow_fills_in_nothing() {
        let arrow = (0..5).flat_map(|i| [(0, i), (i, 0), (i, i)]).collect();
        assert_eq!(Elimination::new(&Sparsity::new(5, arrow)).entries(), 13);
    }

    #[test]
    fn a_solution_gives_back_the_right_side() {
        let pattern = Sparsity::new(4, vec![(0, 1), (1, 2), (2, 0), (3, 0), (0, 3), (2, 3)]);
        let plan = Elimination::new(&pattern);
        let mut w = vec![0.0; plan.entries()];
        let values = [2.0, -1.0, 3.0, 0.5, -2.0, 1.5];
        w[..6].copy_from_slice(&values);
        plan.diagonal().iter().for_each(|&entry| w[entry] = 7.0);
        let right = [1.0, -2.0, 3.0, 5.0];
        let mut x = right;
        plan.factor(&mut w);
        let mut solution = x.to_vec();
        plan.solve(&w, &mut solution);
        x.copy_from_slice(&solution);
        let mut product = x.map(|x| 7.0 * x);
        for (&(row, column), value) in pattern.entries().iter().zip(values) {
            product[row] += value * x[column];
        }
        for (product, right) in product.iter().zip(right) {
            assert!((product - right).abs() < 1e-14, "{product} {right}");
        }
    }
}
