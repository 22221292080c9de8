import Testing

@testable import kenter

@Suite struct CopyEndTests {
    @Test(arguments: [
        ("aa:/x", CopyEnd.container("aa", path: "/x")), ("aa:x:y", .container("aa", path: "x:y")),
        ("aa:", .container("aa", path: "")), ("./a:b", .local("./a:b")), ("/a:b", .local("/a:b")),
        ("../a:b", .local("../a:b")), ("file", .local("file")), ("-", .standard),
    ])
    func aSideIsReadAsDockerReadsIt(_ text: String, _ end: CopyEnd) {
        #expect(CopyEnd(text) == end)
    }
}
