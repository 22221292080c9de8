import JSONRPC
import KenterProtocol
import Testing

@testable import KenterEngine

@Suite struct CopyReportTests {
    @Test(arguments: [
        ("missing /x", "notFound", "Could not find the file /x in container aa"),
        ("notDirectory /x", "invalidParams", "aa:/x is not a directory"),
        ("noDirectory /x", "notFound", "destination \"aa:/x\" must be a directory"),
        ("rootReadOnly ", "permission", "container rootfs is marked read-only"),
        ("mountReadOnly ", "permission", "mounted volume is marked read-only"),
        ("invalid cannot copy directory", "invalidParams", "cannot copy directory"),
        ("limit cannot write x: No space left on device", "exhausted", "cannot write x: No space left on device"),
        ("", "io", "the copy of aa:/p ended without saying why: try again"),
    ])
    func whatItSaysBecomesAnError(_ said: String, _ kind: String, _ message: String) {
        let error = CopyReport("note a/b: a socket\n" + said + "\n").failure(container: "aa", path: "/p")
        #expect(error.kind.name == kind && error.message == message)
    }

    @Test func notesAreNoFailures() {
        let report = CopyReport("note a b: a socket\nnote c: a device\n")
        #expect(report.skipped == ["a b: a socket", "c: a device"] && report.kind == nil)
    }
}
