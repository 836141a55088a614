// SPDX-License-Identifier: Apache-2.0
//! Built-in functions of vectors and matrices of floats. Sums run from the first component to the last.

use super::{
    Lowering,
    float::{add, multiply},
};
use crate::{
    compiler::ir::Value,
    program::{Binary, Unary},
};
use naga::{MathFunction, TypeInner};

impl Lowering<'_, '_> {
    /// A product in which a matrix takes part. `None` where none does, or a scalar takes part too.
    pub(super) fn matrix_product(
        &mut self,
        (left, right): (&TypeInner, &TypeInner),
        a: &[Value],
        b: &[Value],
    ) -> Option<Vec<Value>> {
        match (left, right) {
            // A row for each component, which is the sum over the columns.
            (TypeInner::Matrix { rows, .. }, TypeInner::Vector { .. }) => {
                Some(self.transform(a, *rows as usize, b))
            }
            (TypeInner::Vector { size, .. }, TypeInner::Matrix { .. }) => Some(
                b.chunks(*size as usize)
                    .map(|column| self.dot(a, column))
                    .collect(),
            ),
            (TypeInner::Matrix { rows, columns, .. }, TypeInner::Matrix { .. }) => Some(
                b.chunks(*columns as usize)
                    .flat_map(|column| self.transform(a, *rows as usize, column))
                    .collect(),
            ),
            _ => None,
        }
    }

    /// A matrix times a vector.
    fn transform(&mut self, matrix: &[Value], rows: usize, vector: &[Value]) -> Vec<Value> {
        (0..rows)
            .map(|row| {
                let row: Vec<Value> = matrix.iter().skip(row).step_by(rows).copied().collect();
                self.dot(&row, vector)
            })
            .collect()
    }

    fn dot(&mut self, a: &[Value], b: &[Value]) -> Value {
        let products = self.both(a, b, multiply);
        let sum = products
            .into_iter()
            .reduce(|sum, product| add(&mut self.builder, sum, product));
        sum.unwrap_or_else(|| self.float(0.0))
    }

    fn length(&mut self, vector: &[Value]) -> Value {
        match *vector {
            [scalar] => self.builder.unary(Unary::FloatAbs, scalar),
            _ => {
                let square = self.dot(vector, vector);
                self.builder.unary(Unary::FloatSqrt, square)
            }
        }
    }

    fn subtract(&mut self, a: &[Value], b: &[Value]) -> Vec<Value> {
        self.both(a, b, |f, x, y| f.binary(Binary::FloatSubtract, x, y))
    }

    /// A built-in function of whole vectors or of a matrix. `None` where the function is none of these.
    pub(super) fn geometry(
        &mut self,
        function: MathFunction,
        inner: &TypeInner,
        arguments: &[Vec<Value>],
    ) -> Option<Vec<Value>> {
        let nothing = Vec::new();
        let argument = |index: usize| arguments.get(index).unwrap_or(&nothing);
        let (a, b, c) = (argument(0), argument(1), argument(2));
        Some(match function {
            MathFunction::Dot => vec![self.dot(a, b)],
            MathFunction::Length => vec![self.length(a)],
            MathFunction::Distance => {
                let difference = self.subtract(a, b);
                vec![self.length(&difference)]
            }
            MathFunction::Normalize => {
                let length = self.length(a);
                self.each(a, |f, x| f.binary(Binary::FloatDivide, x, length))
            }
            MathFunction::Cross => self.cross(a, b)?,
            MathFunction::FaceForward => {
                let zero = self.float(0.0);
                let dot = self.dot(b, c);
                let away = self.builder.binary(Binary::FloatLess, dot, zero);
                self.each(a, |f, x| {
                    let other = f.unary(Unary::FloatNegate, x);
                    f.select(away, x, other)
                })
            }
            MathFunction::Reflect => {
                let (two, dot) = (self.float(2.0), self.dot(b, a));
                let twice = multiply(&mut self.builder, two, dot);
                let along = self.both(&[twice], b, multiply);
                self.subtract(a, &along)
            }
            MathFunction::Refract => self.refract(a, b, *c.first()?),
            MathFunction::Transpose => {
                let TypeInner::Matrix { columns, rows, .. } = *inner else {
                    return None;
                };
                let (columns, rows) = (columns as usize, rows as usize);
                (0..rows)
                    .flat_map(|row| (0..columns).map(move |column| column * rows + row))
                    .filter_map(|index| a.get(index).copied())
                    .collect()
            }
            MathFunction::Determinant => {
                let TypeInner::Matrix { columns, .. } = *inner else {
                    return None;
                };
                let columns: Vec<&[Value]> = a.chunks(columns as usize).collect();
                vec![self.determinant(&columns, 0)]
            }
            _ => return None,
        })
    }

    fn cross(&mut self, a: &[Value], b: &[Value]) -> Option<Vec<Value>> {
        [(1, 2), (2, 0), (0, 1)]
            .into_iter()
            .map(|(i, j)| {
                let f = &mut self.builder;
                let first = multiply(f, *a.get(i)?, *b.get(j)?);
                let second = multiply(f, *a.get(j)?, *b.get(i)?);
                Some(f.binary(Binary::FloatSubtract, first, second))
            })
            .collect()
    }

    /// WGSL's `refract`: zeros where all of the light is reflected.
    fn refract(&mut self, incoming: &[Value], normal: &[Value], ratio: Value) -> Vec<Value> {
        let (zero, one) = (self.float(0.0), self.float(1.0));
        let dot = self.dot(normal, incoming);
        let f = &mut self.builder;
        let cosine = multiply(f, dot, dot);
        let sine = f.binary(Binary::FloatSubtract, one, cosine);
        let square = multiply(f, ratio, ratio);
        let bent = multiply(f, square, sine);
        let rest = f.binary(Binary::FloatSubtract, one, bent);
        let none = f.binary(Binary::FloatLess, rest, zero);
        let root = f.unary(Unary::FloatSqrt, rest);
        let along = multiply(f, ratio, dot);
        let along = add(f, along, root);
        let kept = self.both(&[ratio], incoming, multiply);
        let turned = self.both(&[along], normal, multiply);
        let refracted = self.subtract(&kept, &turned);
        self.each(&refracted, |f, x| f.select(none, zero, x))
    }

    /// Of the columns given, from a row on: expanded along that row, signs alternating.
    fn determinant(&mut self, columns: &[&[Value]], row: usize) -> Value {
        let mut sum = None;
        for (index, column) in columns.iter().enumerate() {
            let Some(entry) = column.get(row).copied() else {
                continue;
            };
            let mut others = columns.to_vec();
            others.remove(index);
            let term = match others.is_empty() {
                true => entry,
                false => {
                    let minor = self.determinant(&others, row + 1);
                    multiply(&mut self.builder, entry, minor)
                }
            };
            sum = Some(match sum {
                None => term,
                Some(sum) if index % 2 == 1 => {
                    self.builder.binary(Binary::FloatSubtract, sum, term)
                }
                Some(sum) => add(&mut self.builder, sum, term),
            });
        }
        match sum {
            Some(sum) => sum,
            None => self.float(0.0),
        }
    }
}
