import Glibc
import JSONRPC
import KenterSchema

// Writes what is made from the wire's types: docs/reference, docs/api and the plugin contract.
//
// kenter-reference DIRECTORY          writes
// kenter-reference --check DIRECTORY  says what is behind, and changes nothing
// kenter-reference --freeze DIRECTORY writes the frozen documents of the present API level anew, with additions only

func complain(_ text: String) {
    let bytes = Array((text + "\n").utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}

let arguments = CommandLine.arguments.dropFirst()
guard let directory = arguments.last, !directory.hasPrefix("--") else {
    complain("usage: kenter-reference [--check | --freeze] DIRECTORY")
    exit(2)
}
do {
    let files = try ReferenceFiles(directory: directory)
    if arguments.contains("--freeze") {
        try files.freeze()
    } else if arguments.contains("--check") {
        let behind = files.behind
        for path in behind { complain("\(path) is behind the sources: run 'make reference'") }
        exit(behind.isEmpty ? 0 : 1)
    } else {
        try files.write()
    }
} catch {
    complain("kenter-reference: \(error)")
    exit(1)
}
