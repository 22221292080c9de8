import TestSupport
import Testing

@testable import KenterEngine

/// The log of a real container.
@Suite(.serialized) struct RuntimeContainerLogTests {
    @Test func `what a container wrote is in its log after it was deleted`() async throws {
        try await RuntimeScene.with { scene in
            let id = scene.newID()
            let script = "echo one; echo two >&2; printf three"
            _ = try await scene.runtime.create(id, scene.container(["sh", "-c", script]))
            var selection = LogSelection()
            selection.follows = true
            let reader = LogReader(path: scene.runtime.log(of: id), selection: selection)
            try await scene.runtime.start(id)
            #expect(await reader.next()?.bytes == Array("one\n".utf8))
            _ = await scene.runtime.exit(of: id)
            try await scene.runtime.delete(id)
            reader.finish()
            var rest = ""
            while let entry = await reader.next() {
                if entry.channel == .standardOutput { rest += String(decoding: entry.bytes, as: UTF8.self) }
            }
            #expect(rest == "three")
            scene.runtime.deleteLog(id)
            #expect(TextFile.names(in: "\(scene.directory)/root/containers").isEmpty)
        }
    }

    @Test func `a log that is limited starts anew`() async throws {
        try await RuntimeScene.with { scene in
            let id = scene.newID()
            var options = ContainerOptions()
            options.logLimitBytes = 20_000
            let script = "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done"
            _ = try await scene.runtime.create(id, scene.container(["sh", "-c", script]), options: options)
            try await scene.runtime.start(id)
            #expect(await scene.runtime.exit(of: id)?.code == 0)
            let log = TextFile.read(scene.runtime.log(of: id))
            #expect(log.utf8.count <= 20_000)
            #expect(log.hasSuffix("stdout F line 1999\n"))
        }
    }
}
