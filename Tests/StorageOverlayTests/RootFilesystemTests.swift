import CLinux
import Glibc
import JSONRPC
import KenterProtocol
import TestSupport
import Testing

/// Root file systems as the engine gets them: mounted for real.
@Suite struct RootFilesystemTests {
    private func apply(
        _ plugin: DrivenPlugin, _ scratch: borrowing Scratch, _ name: String, _ fill: (inout TarArchive) -> Void
    ) async throws -> String {
        var tar = TarArchive()
        fill(&tar)
        let blob = try await scratch.blob(tar.bytes, name)
        _ = try await plugin.call(blob.apply())
        return blob.digest
    }

    /// Mounts what the plugin answered, as the engine does, looks at it and unmounts it.
    private func mounted(
        _ mounting: ProviderMount, _ scratch: borrowing Scratch, _ body: (String) async throws -> Void
    ) async throws {
        let target = "\(scratch.path)/root"
        mkdir(target, 0o700)
        let options = mounting.options.joined(separator: ",")
        guard mount("overlay", target, mounting.type, 0, options) == 0 else {
            throw CommandFailure("cannot mount \(options): \(String(cString: strerror(errno)))")
        }
        do {
            try await body(target)
        } catch {
            umount2(target, Int32(MNT_DETACH))
            throw error
        }
        #expect(umount2(target, 0) == 0)
    }

    @Test func `a layer may be there several times, and its topmost occurrence shows`() async throws {
        try await withPlugin { plugin, scratch in
            let base = try await apply(plugin, scratch, "base") {
                $0.add("etc/base", "base")
                $0.add("etc/gone", "base")
                $0.add("shut/base", "base")
            }
            let repeated = try await apply(plugin, scratch, "repeated") {
                $0.add("etc/file", "repeated")
                $0.add("etc/.wh.gone", "")
                $0.add("shut/.wh..wh..opq", "")
                $0.add("shut/own", "repeated")
                $0.add("place/own", "repeated")
            }
            let between = try await apply(plugin, scratch, "between") {
                $0.add("etc/file", "between")
                $0.add("etc/gone", "between")
                $0.add("etc/between", "between")
                $0.add("shut/between", "between")
                $0.add(".wh.place", "")
            }
            let empty = try await apply(plugin, scratch, "empty") { _ in }
            let prepared = try await plugin.call(
                ProviderRootfsPrepare(
                    containerId: "c1", layers: [base, repeated, empty, empty, between, repeated, empty]))
            try await mounted(prepared.mount, scratch) { root in
                #expect(TextFile.names(in: "\(root)/etc").sorted() == ["base", "between", "file"])
                #expect(TextFile.read("\(root)/etc/file") == "repeated")
                #expect(TextFile.names(in: "\(root)/shut") == ["own"])
                #expect(TextFile.names(in: "\(root)/place") == ["own"])
            }
            _ = try await plugin.call(ProviderRootfsRemove(containerId: "c1"))
            let last = try await plugin.call(
                ProviderRootfsPrepare(containerId: "c2", layers: [base, repeated, between, empty]))
            try await mounted(last.mount, scratch) { root in
                #expect(TextFile.read("\(root)/etc/file") == "between")
                #expect(TextFile.names(in: root).sorted() == ["etc", "shut"])
            }
        }
    }

    @Test func `layers are stacked, whiteouts hide and changes stay in the container`() async throws {
        try await withPlugin { plugin, scratch in
            let base = try await apply(plugin, scratch, "base") {
                $0.add("etc/gone", "1")
                $0.add("etc/stays", "base")
                $0.add("replaced/old", "1")
                $0.add("hidden/old", "1")
                $0.add("file-then-directory", "1")
            }
            let top = try await apply(plugin, scratch, "top") {
                $0.add("etc/.wh.gone", "")
                $0.add("replaced/new", "2")
                $0.add("replaced/.wh..wh..opq", "")
                $0.add(".wh.hidden", "")
                $0.add("hidden/new", "2")
                $0.add(".wh.file-then-directory", "")
                $0.add("file-then-directory/", .directory, mode: 0o755)
                $0.add("own", "2")
                $0.add(".wh.own", "")
            }
            let prepared = try await plugin.call(ProviderRootfsPrepare(containerId: "c1", layers: [base, top]))
            #expect(prepared.mount.type == "overlay")
            try await mounted(prepared.mount, scratch) { root in
                #expect(
                    TextFile.names(in: root).sorted() == ["etc", "file-then-directory", "hidden", "own", "replaced"])
                #expect(TextFile.names(in: "\(root)/etc") == ["stays"])
                #expect(TextFile.names(in: "\(root)/replaced") == ["new"])
                #expect(TextFile.names(in: "\(root)/hidden") == ["new"])
                #expect(TextFile.read("\(root)/own") == "2")
                #expect(try FileStatus(root).mode == S_IFDIR | 0o755)
                try TextFile.write("changed", to: "\(root)/etc/stays")
                let refusal = try await plugin.refusal(of: ProviderRootfsRemove(containerId: "c1"))
                #expect(refusal.kind == .precondition && refusal.message.contains(root))
            }
            let usage = try await plugin.call(ProviderRootfsUsage(containerId: "c1"))
            #expect(usage.inodes == 2 && usage.sizeBytes >= 4096)
            let other = try await plugin.call(ProviderRootfsPrepare(containerId: "c2", layers: [base, top]))
            try await mounted(other.mount, scratch) { #expect(TextFile.read("\($0)/etc/stays") == "base") }
            _ = try await plugin.call(ProviderRootfsRemove(containerId: "c1"))
            _ = try await plugin.call(ProviderRootfsRemove(containerId: "c1"))
            #expect(TextFile.names(in: "\(scratch.state)/c") == ["c2"])
        }
    }

    @Test func `a layer whose root is opaque hides all below it`() async throws {
        try await withPlugin { plugin, scratch in
            let base = try await apply(plugin, scratch, "base") { $0.add("old", "1") }
            let top = try await apply(plugin, scratch, "top") {
                $0.add(".wh..wh..opq", "")
                $0.add("new", "2")
            }
            let prepared = try await plugin.call(ProviderRootfsPrepare(containerId: "c1", layers: [base, top]))
            try await mounted(prepared.mount, scratch) { #expect(TextFile.names(in: $0) == ["new"]) }
        }
    }

    @Test func `a container without layers starts from nothing`() async throws {
        try await withPlugin { plugin, scratch in
            let prepared = try await plugin.call(ProviderRootfsPrepare(containerId: "c1"))
            try await mounted(prepared.mount, scratch) { #expect(TextFile.names(in: $0).isEmpty) }
        }
    }

    @Test func `preparing again gives the same, with other layers a conflict`() async throws {
        try await withPlugin { plugin, scratch in
            let base = try await apply(plugin, scratch, "base") { $0.add("a", "1") }
            let first = try await plugin.call(ProviderRootfsPrepare(containerId: "c1", layers: [base]))
            let again = try await plugin.call(ProviderRootfsPrepare(containerId: "c1", layers: [base]))
            #expect(first.mount == again.mount)
            let refusal = try await plugin.refusal(of: ProviderRootfsPrepare(containerId: "c1"))
            #expect(refusal.kind == .conflict)
            let inUse = try await plugin.refusal(of: ProviderLayerRemove(digest: base))
            #expect(inUse.kind == .precondition && inUse.message.contains("c1"))
        }
    }

    @Test func `a layer that was never applied is not found`() async throws {
        try await withPlugin { plugin, _ in
            let digest = "sha256:" + String(repeating: "ab", count: 32)
            let refusal = try await plugin.refusal(of: ProviderRootfsPrepare(containerId: "c1", layers: [digest]))
            #expect(refusal.kind == .notFound && refusal.message.contains(digest))
        }
    }

    @Test(arguments: ["", "..", "a/b", ".hidden", "-f", String(repeating: "x", count: 200)])
    func `an id that is no plain name is refused`(_ id: String) async throws {
        try await withPlugin { plugin, _ in
            let prepare = try await plugin.refusal(of: ProviderRootfsPrepare(containerId: id))
            let remove = try await plugin.refusal(of: ProviderRootfsRemove(containerId: id))
            #expect(prepare.kind == .invalidParams && remove.kind == .invalidParams)
        }
    }

    @Test func `what a container left is removed however deep it is`() async throws {
        try await withPlugin { plugin, scratch in
            _ = try await plugin.call(ProviderRootfsPrepare(containerId: "c1"))
            let upper = "\(scratch.state)/c/c1/upper"
            let script = """
                cd \(upper); ln -s / root; mkfifo pipe
                name=$(printf 'd%.0s' $(seq 200)); i=0
                while [ $i -lt 120 ]; do mkdir "$name"; cd -P "$name"; touch file; i=$((i + 1)); done
                """
            try await Command.succeed(["bash", "-c", script])
            #expect(try await plugin.call(ProviderRootfsUsage(containerId: "c1")).inodes > 20)
            _ = try await plugin.call(ProviderRootfsRemove(containerId: "c1"))
            #expect(TextFile.names(in: "\(scratch.state)/tmp").isEmpty)
        }
    }
}
