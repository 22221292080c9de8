import Glibc
import TestSupport
import Testing

@testable import KenterEngine

/// Real mounts in the host's namespace, below a directory of their own.
@Suite(.serialized) struct MountTests {
    @Test func `overlays, binds and tmpfs are made and removed`() async throws {
        let directory = "/tmp/kenter-mount-\(UInt32.random(in: 0...UInt32.max))"
        try await Command.succeed(
            ["mkdir", "-p"] + ["lower", "upper", "work", "merged", "bound"].map { "\(directory)/\($0)" })
        try TextFile.write("low", to: "\(directory)/lower/file")
        let overlay = Mount(
            type: "overlay", source: "overlay", target: "\(directory)/merged",
            options: [
                "lowerdir=\(directory)/lower", "upperdir=\(directory)/upper", "workdir=\(directory)/work", "nodev",
            ])
        // Where the test itself lies on an overlay, an upper directory may be impossible: a tmpfs takes its place.
        try Mount(type: "tmpfs", source: "tmpfs", target: "\(directory)/bound", options: ["size=1m"]).make()
        Mount.remove("\(directory)/bound")
        try overlay.make()
        #expect(TextFile.read("\(directory)/merged/file") == "low")
        try Mount(
            type: "bind", source: "\(directory)/lower", target: "\(directory)/bound", options: ["ro", "rprivate"]
        ).make()
        #expect(throws: CommandFailure.self) { try TextFile.write("x", to: "\(directory)/bound/file") }
        Mount.remove("\(directory)/bound")
        Mount.remove("\(directory)/merged")
        #expect(!TextFile.read("/proc/self/mountinfo").contains(directory))
        let error = #expect(throws: RuntimeError.self) {
            try Mount(type: "bind", source: "\(directory)/missing", target: "\(directory)/bound").make()
        }
        #expect(error?.message == "cannot mount bind at \(directory)/bound: No such file or directory")
        #expect(throws: RuntimeError.self) {
            try Mount(
                type: "overlay", source: "overlay", target: "\(directory)/merged",
                options: ["lowerdir=" + String(repeating: "/x", count: 4000)]
            ).make()
        }
        try await Command.succeed(["rm", "-rf", "--one-file-system", directory])
    }
}
