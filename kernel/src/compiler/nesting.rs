// SPDX-License-Identifier: Apache-2.0
//! Does without jumps where what follows can be nested instead.

use super::ir::Node;

/// A jump at the end of a structure, where it goes on anyway.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Break,
    Continue,
    Return,
}

impl Ending {
    fn is(self, node: &Node) -> bool {
        matches!(
            (self, node),
            (Self::Break, Node::Break)
                | (Self::Continue, Node::Continue)
                | (Self::Return, Node::Return)
        )
    }
}

/// Drops the jumps that lead to where the structure goes on anyway.
pub(super) fn drop_last(nodes: &mut Vec<Node>, ending: Ending) {
    if let Some(end) = nodes.iter().position(|node| ending.is(node)) {
        nodes.truncate(end);
    }
    if let Some(Node::If(_, accept, reject)) = nodes.last_mut() {
        drop_last(accept, ending);
        drop_last(reject, ending);
    }
}

/// Where one arm of an `If` ends in a jump out of the structure, moves what follows into the other arm,
/// so that no jump is needed.
pub(super) fn nest(nodes: &mut Vec<Node>, ending: Ending, room: usize) {
    let Some(room) = room.checked_sub(1) else {
        return;
    };
    let ends = |arm: &[Node]| arm.last().is_some_and(|node| ending.is(node));
    let found = nodes.iter().position(
        |node| matches!(node, Node::If(_, accept, reject) if ends(accept) != ends(reject)),
    );
    let Some(index) = found else {
        if let Some(Node::If(_, accept, reject)) = nodes.last_mut() {
            nest(accept, ending, room);
            nest(reject, ending, room);
        }
        return;
    };
    let rest = nodes.split_off(index + 1);
    if let Some(Node::If(_, accept, reject)) = nodes.last_mut() {
        let (leaving, other) = match ends(accept) {
            true => (accept, reject),
            false => (reject, accept),
        };
        leaving.pop();
        // A jump of another kind already ends the other arm.
        let stays = !matches!(
            other.last(),
            Some(Node::Break | Node::Continue | Node::Return)
        );
        if stays {
            other.extend(rest);
        }
        drop_last(other, ending);
        nest(leaving, ending, room);
        nest(other, ending, room);
    }
}
