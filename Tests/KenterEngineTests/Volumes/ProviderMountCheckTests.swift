import Glibc
import JSONRPC
import KenterProtocol
import TestSupport
import Testing

@testable import KenterEngine

/// Mounts that a storage provider asks for, most of them without business to.
@Suite struct ProviderMountCheckTests {
    private let directory: TemporaryDirectory
    /// The provider's own, by its real name.
    private let state: String
    private var check: ProviderMountCheck { ProviderMountCheck(stateDirectory: state, provider: "p") }

    init() throws {
        directory = try TemporaryDirectory()
        guard let real = realpath(directory.file("."), nil) else { throw CommandFailure("no directory") }
        defer { free(real) }
        state = "\(String(cString: real))/state"
        for path in [state, "\(state)/a", "\(state)/b", "\(state)/w", "\(state)-other"] { mkdir(path, 0o755) }
        symlink("/etc", "\(state)/link")
        symlink("\(state)/a", "\(state)/own-link")
    }

    private func overlay(_ options: [String], source: String? = nil, type: String = "overlay") -> ProviderMount {
        ProviderMount(type: type, source: source ?? state, options: options)
    }

    @Test func `an overlay of the provider's own directories is allowed, named either way`() throws {
        try check.rootfs(overlay(["lowerdir=a:b", "upperdir=a", "workdir=w", "nosuid", "metacopy=off"]))
        try check.rootfs(overlay(["lowerdir=\(state)/a", "upperdir=\(state)/b", "workdir=w"]))
    }

    @Test(arguments: [
        ["lowerdir=a", "upperdir=b"], ["lowerdir=a", "upperdir=b", "workdir=w", "workdir=w"],
        ["lowerdir=/etc", "upperdir=b", "workdir=w"], ["lowerdir=a:/etc", "upperdir=b", "workdir=w"],
        ["lowerdir=../../etc", "upperdir=b", "workdir=w"], ["lowerdir=link", "upperdir=b", "workdir=w"],
        ["lowerdir=a/../../state-other", "upperdir=b", "workdir=w"], ["lowerdir=own-link", "upperdir=b", "workdir=w"],
        ["lowerdir=none", "upperdir=b", "workdir=w"], ["lowerdir=a:", "upperdir=b", "workdir=w"],
        ["lowerdir=", "upperdir=b", "workdir=w"], ["lowerdir=a", "upperdir=b", "workdir=w", "suid"],
        ["lowerdir=a", "upperdir=b", "workdir=w", "redirect_dir=follow"],
        ["lowerdir=a", "upperdir=b", "workdir=w", "lowerdir+=/etc"],
        ["lowerdir=a", "upperdir=b", "workdir=w", "ro,lowerdir=/etc"],
    ])
    func `any other overlay is refused`(_ options: [String]) {
        let error = #expect(throws: RPCError.self) { try check.rootfs(overlay(options)) }
        #expect(error?.kind == .pluginProtocol && error?.message.contains("the storage provider 'p' wants") == true)
    }

    @Test func `a root filesystem from elsewhere or of another type is refused`() {
        let options = ["lowerdir=a", "upperdir=b", "workdir=w"]
        for mount in [
            overlay(options, source: "/"), overlay(options, source: "\(state)/a"), overlay(options, type: "bind"),
        ] {
            #expect(throws: RPCError.self) { try check.rootfs(mount) }
        }
    }

    @Test func `a volume is a directory of the provider or a tmpfs, without set-user-id programs and devices`() throws {
        let bind = try check.volume(ProviderMount(type: "bind", source: "\(state)/a", options: ["rbind", "ro"]))
        #expect(bind.options == ["rbind", "ro", "nosuid", "nodev"])
        let memory = try check.volume(ProviderMount(type: "tmpfs", source: "tmpfs", options: ["size=1m", "nodev"]))
        #expect(memory.options == ["size=1m", "nodev", "nosuid"])
    }

    @Test(arguments: [
        ("bind", "/etc", [String]()), ("bind", "link", []), ("bind", "own-link", []), ("bind", "", []),
        ("bind", "none", []), ("bind", "../state-other", []), ("bind", "a", ["suid"]), ("bind", "a", ["dev"]),
        ("bind", "a", ["size=1m"]), ("bind", "a", ["rshared"]), ("tmpfs", "tmpfs", ["uid=0,suid"]),
        ("ext4", "/dev/sda1", []), ("overlay", "a", []), ("proc", "proc", []),
    ])
    func `any other volume is refused`(_ type: String, _ source: String, _ options: [String]) {
        let path = source.hasPrefix("/") || type != "bind" ? source : "\(state)/\(source)"
        let error = #expect(throws: RPCError.self) {
            try check.volume(ProviderMount(type: type, source: path, options: options))
        }
        #expect(error?.kind == .pluginProtocol)
    }
}
