import Glibc
import TestSupport
import Testing

@testable import KenterEngine

/// Files of plugins: found, and refused where others may have written them.
@Suite struct PluginFileTests {
    /// Runs `body` with an empty directory that only its owner may write.
    private func withDirectory(_ body: (String) async throws -> Void) async throws {
        let directory = "/tmp/kenter-plugin-files-\(UInt32.random(in: 0...UInt32.max))"
        try #require(mkdir(directory, 0o700) == 0)
        do {
            try await body(directory)
        } catch {
            Issue.record(error)
        }
        try await Command.succeed(["rm", "-rf", directory])
    }

    private func makeFile(_ path: String, mode: mode_t = 0o755, text: String = "#!/bin/sh\n") throws {
        try TextFile.write(text, to: path)
        try #require(chmod(path, mode) == 0)
    }

    private func refusal(_ path: String) -> String? {
        do {
            _ = try PluginExecutable.open(path, trust: .engine)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `a directory holds a plugin in every executable file`() async throws {
        try await withDirectory { directory in
            try makeFile("\(directory)/beta")
            try makeFile("\(directory)/alpha")
            try makeFile("\(directory)/README", mode: 0o644)
            try makeFile("\(directory)/.hidden")
            mkdir("\(directory)/folder", 0o755)
            let found = try PluginDiscovery.find(at: [directory])
            #expect(found == ["alpha", "beta"].map { PluginFile(name: $0, path: "\(directory)/\($0)") })
        }
    }

    @Test func `a file is found by its own path, without the links above it`() async throws {
        try await withDirectory { directory in
            try makeFile("\(directory)/alpha")
            symlink(directory, "\(directory)/link")
            let found = try PluginDiscovery.find(at: ["\(directory)/link/alpha", directory])
            #expect(found == [PluginFile(name: "alpha", path: "\(directory)/alpha")])
        }
    }

    @Test func `a missing path, a bad name and a name used twice are errors`() async throws {
        try await withDirectory { directory in
            #expect(throws: PluginRefusal("no plugin at '\(directory)/none': No such file or directory")) {
                try PluginDiscovery.find(at: ["\(directory)/none"])
            }
            try makeFile("\(directory)/Bad_Name")
            #expect(throws: PluginRefusal.self) { try PluginDiscovery.find(at: ["\(directory)/Bad_Name"]) }
            mkdir("\(directory)/other", 0o755)
            try makeFile("\(directory)/alpha")
            try makeFile("\(directory)/other/alpha")
            #expect(throws: PluginRefusal.self) { try PluginDiscovery.find(at: [directory, "\(directory)/other"]) }
        }
    }

    @Test func `an installed engine finds what came with it`() async throws {
        try await withDirectory { directory in
            #expect(PluginDiscovery.shippedDirectory(of: "\(directory)/bin/kenterd") == nil)
            for part in ["bin", "libexec", "libexec/kenter", "libexec/kenter/plugins"] {
                mkdir("\(directory)/\(part)", 0o755)
            }
            let shipped = PluginDiscovery.shippedDirectory(of: "\(directory)/bin/kenterd")
            #expect(shipped == "\(directory)/libexec/kenter/plugins")
        }
    }

    @Test func `what only root and the engine's user can change is run`() async throws {
        try await withDirectory { directory in
            try makeFile("\(directory)/alpha")
            #expect(refusal("\(directory)/alpha") == nil)
        }
    }

    @Test func `what others can change, or a link leads to, is not run`() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/alpha"
            let start = "\(path) is not run as a plugin: "
            let rule = ": only root and the engine's user may be able to change it"
            try makeFile(path, mode: 0o757)
            #expect(refusal(path) == "\(start)\(path) may be written by anyone\(rule)")
            try makeFile(path, mode: 0o644)
            #expect(refusal(path) == "\(start)it is no executable file")
            try makeFile(path, text: "#!missing\n")
            #expect(refusal(path) == "\(start)its first line must name an interpreter with an absolute path")
            try makeFile(path, text: "#!/none/such\n")
            #expect(refusal(path) == "\(start)its interpreter /none/such is missing")
            try makeFile(path)
            symlink(path, "\(directory)/link")
            #expect(
                refusal("\(directory)/link") == "\(directory)/link is not run as a plugin: "
                    + "\(directory)/link is a symbolic link: name what it leads to")
            chmod(directory, 0o707)
            #expect(refusal(path) == "\(start)\(directory) may be written by anyone\(rule)")
            chmod(directory, 0o700)
            #expect(
                refusal("\(directory)/../x") == "\(directory)/../x is not run as a plugin: its path must be absolute")
        }
    }

    // Only root can give files away.
    @Test(.enabled(if: geteuid() == 0)) func `a stranger's file is not run, nor a script of a stranger's interpreter`()
        async throws
    {
        try await withDirectory { directory in
            let path = "\(directory)/alpha"
            try makeFile(path)
            chown(path, 12345, 0)
            #expect(refusal(path)?.contains("belongs to the user 12345") == true)
            try makeFile("\(directory)/shell")
            chown("\(directory)/shell", 12345, 0)
            try makeFile("\(directory)/script", text: "#!\(directory)/shell -x\n")
            #expect(refusal("\(directory)/script")?.contains("shell belongs to the user 12345") == true)
        }
    }

    @Test func `a group may write where it may write the engine itself, others only under a sticky bit`() {
        func status(_ mode: mode_t, owner: uid_t = 0, group: gid_t = 7) -> stat {
            var status = stat()
            (status.st_mode, status.st_uid, status.st_gid) = (mode, owner, group)
            return status
        }
        let trust = PluginTrust(owners: [0], groups: [8])
        #expect(trust.objection(to: status(S_IFREG | 0o755)) == nil)
        #expect(trust.objection(to: status(S_IFREG | 0o775)) == "may be written by the group 7")
        #expect(trust.objection(to: status(S_IFREG | 0o775, group: 8)) == nil)
        #expect(trust.objection(to: status(S_IFDIR | S_ISVTX | 0o777)) == nil)
        #expect(trust.objection(to: status(S_IFREG | S_ISVTX | 0o777)) == "may be written by anyone")
        #expect(trust.objection(to: status(S_IFREG | 0o755, owner: 9)) == "belongs to the user 9")
    }

    /// Its interpreter opens a script after the engine has checked it.
    @Test func `of a script, what was digested is what runs`() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/alpha"
            try makeFile(path, text: "#!/bin/sh\necho checked\n")
            let (digested, opened) = (
                try PluginExecutable.openDigested(path, trust: .engine), try PluginExecutable.open(path, trust: .engine)
            )
            try TextFile.write("#!/bin/sh\necho changed\n", to: path)
            #expect(try await Command.succeed([digested.runnablePath]).output == "checked\n")
            #expect(try await Command.succeed([opened.runnablePath]).output == "changed\n")
            let copy = open(digested.runnablePath, O_WRONLY | O_CLOEXEC)
            defer { close(copy) }
            #expect(write(copy, "#", 1) == -1 && errno == EPERM)
            withExtendedLifetime((digested, opened)) {}
        }
    }
}
