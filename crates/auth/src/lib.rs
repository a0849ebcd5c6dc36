//! Decides who may view, publish or control: a policy and a request in, a Grant out.
