// SPDX-License-Identifier: Apache-2.0
//! Makes a program smaller while it still fails, so that a person can see why.

use super::syntax::{Expression, Program, Statement};

/// The smallest program found that still fails. `fails` must be false of programs that do not compile,
/// such as those whose `break` has lost its loop.
pub(crate) fn shrink(mut program: Program, fails: impl Fn(&Program) -> bool) -> Program {
    loop {
        let mut shrunk = false;
        for reduce in [reduce_statements, reduce_expressions] {
            let mut choice = 0;
            loop {
                let mut smaller = program.clone();
                let mut left = choice;
                if !reduce(&mut smaller, &mut left) {
                    break;
                }
                if fails(&smaller) {
                    program = smaller;
                    shrunk = true;
                } else {
                    choice += 1;
                }
            }
        }
        if !shrunk {
            return program;
        }
    }
}

/// Whether it is this choice's turn; counts down.
fn chosen(left: &mut usize) -> bool {
    match left.checked_sub(1) {
        Some(less) => {
            *left = less;
            false
        }
        None => true,
    }
}

/// Does the reduction of statements of that number. False when there are no more.
fn reduce_statements(program: &mut Program, left: &mut usize) -> bool {
    (program.functions.iter_mut()).any(|function| reduce_block(&mut function.body, left))
}

/// Removes a statement, or puts what is in one in its place.
fn reduce_block(statements: &mut Vec<Statement>, left: &mut usize) -> bool {
    for index in 0..statements.len() {
        if chosen(left) {
            statements.remove(index);
            return true;
        }
        let (_, blocks) = statements[index].parts();
        for block in 0..blocks.len() {
            if chosen(left) {
                let (_, mut blocks) = statements[index].parts();
                let inner = std::mem::take(blocks.remove(block));
                statements.splice(index..=index, inner);
                return true;
            }
        }
        let (_, blocks) = statements[index].parts();
        if blocks.into_iter().any(|block| reduce_block(block, left)) {
            return true;
        }
    }
    false
}

/// Does the reduction of expressions of that number. False when there are no more.
fn reduce_expressions(program: &mut Program, left: &mut usize) -> bool {
    program.functions.iter_mut().any(|function| {
        reduce_those_of(&mut function.body, left) || reduce_expression(&mut function.result, left)
    })
}

fn reduce_those_of(statements: &mut [Statement], left: &mut usize) -> bool {
    statements.iter_mut().any(|statement| {
        let (expressions, blocks) = statement.parts();
        (expressions.into_iter()).any(|expression| reduce_expression(expression, left))
            || (blocks.into_iter()).any(|block| reduce_those_of(block, left))
    })
}

/// Puts 0 or a part of an expression in its place.
fn reduce_expression(expression: &mut Expression, left: &mut usize) -> bool {
    if matches!(expression, Expression::Constant(0)) {
        return false;
    }
    if chosen(left) {
        *expression = Expression::Constant(0);
        return true;
    }
    for part in 0..expression.parts().len() {
        if chosen(left) {
            let inner = expression.parts().remove(part).clone();
            *expression = inner;
            return true;
        }
    }
    (expression.parts().into_iter()).any(|part| reduce_expression(part, left))
}
