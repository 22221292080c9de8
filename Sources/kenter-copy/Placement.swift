/// Where the entries of an archive go: `docker cp`'s rules, as a function of what is there.
struct Placement: Equatable {
    /// What lies at the destination.
    enum Found: Equatable {
        case directory, other, missing
    }

    /// Whether entries are made below the destination's parent instead of below the destination itself.
    var isInParent: Bool
    /// The name that takes the place of the archive's first one; `nil` keeps it.
    var newName: [UInt8]?
    /// The first name of every entry; `nil` where the archive has many, or the contents of a directory.
    var root: [UInt8]?

    /// For an archive of many things, which are unpacked as they are.
    static func plain(_ destination: NamedPath, _ found: Found) throws(CopyRefusal) -> Placement {
        switch found {
        case .directory: return Placement(isInParent: false)
        case .other: throw CopyRefusal(.notDirectory, printable(destination.path))
        case .missing: throw CopyRefusal(.noDirectory, printable(destination.path))
        }
    }

    /// For an archive of one thing, whose first entry is that thing itself.
    static func one(
        _ first: [[UInt8]], isDirectory: Bool, _ destination: NamedPath, _ found: Found
    ) throws(CopyRefusal) -> Placement {
        guard !first.isEmpty || isDirectory, first.count <= 1 else {
            throw CopyRefusal(.invalid, "the archive does not begin with the one thing that is to be placed")
        }
        switch found {
        case .directory: return Placement(isInParent: false, root: first.first)
        case .other where isDirectory: throw CopyRefusal(.invalid, "cannot copy directory")
        case .other where destination.isDirectory: throw CopyRefusal(.notDirectory, printable(destination.path))
        case .missing where destination.isDirectory && !isDirectory: throw CopyRefusal(.invalid, "no such directory")
        case .other, .missing: return Placement(isInParent: true, newName: destination.name, root: first.first)
        }
    }

    /// Where an entry goes, seen from the directory below which entries are made.
    func path(_ components: [[UInt8]]) throws(CopyRefusal) -> [[UInt8]] {
        var rest = components[...]
        if let root {
            guard rest.first == root else {
                throw CopyRefusal(
                    .invalid,
                    "the archive holds '\(printable(PathNames.joined(components)))' besides '\(printable(root))'")
            }
            if newName != nil { rest = rest.dropFirst() }
        }
        return (newName.map { [$0] } ?? []) + rest
    }
}
