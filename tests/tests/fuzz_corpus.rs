//! The inputs that `make fuzz` kept, gone through again.

use std::{fs, path::Path};

use weir_tests::fuzz::TARGETS;

#[test]
fn given_inputs_that_were_made_up_and_kept_when_tried_again_then_all_holds() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, target) in TARGETS {
        let inputs: Vec<_> = fs::read_dir(corpora.join(name)).expect(name).collect();
        assert!(!inputs.is_empty(), "{name} has no corpus");
        for input in inputs {
            let input = input.expect("an entry of the corpus").path();
            eprintln!("{}", input.display());
            target(&fs::read(&input).expect("a file of the corpus"));
        }
    }
}
