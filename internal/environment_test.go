package internal_test

import (
	"go/ast"
	"io/fs"
	"regexp"
	"strings"
)

// byOthers are variables that are read for wfauth, and by whom.
func byOthers() map[string]string {
	return map[string]string{
		"SSL_CERT_FILE": "crypto/x509", "SSL_CERT_DIR": "crypto/x509", "TMPDIR": "os.TempDir", "TMP": "os.TempDir", "https_proxy": "net/http", "no_proxy": "net/http",
	}
}

// readVariables are those that the program reads or sets, with the first place of each: what a function that gives variables is asked for, and
// any text that is the name of one of wfauth's own.
func readVariables(p *project) map[string]string {
	found := map[string]string{}
	own := regexp.MustCompile(`^(WFAUTH|WORKFRONT)_[A-Z_]+$`)
	for _, s := range p.shipped() {
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if called := strings.ToLower(typeName(n.Fun)); len(n.Args) == 1 && (called == "getenv" || called == "lookupenv") && literal(n.Args[0]) != "" {
					found[literal(n.Args[0])] = p.at(s, n)
				}
			case *ast.BasicLit:
				if text := literal(n); own.MatchString(text) {
					found[text] = p.at(s, n)
				}
			}
			return true
		})
	}
	return found
}

// documentedVariables stand in code in the first column of the tables of docs/environment.md.
func documentedVariables(p *project) map[string]bool {
	page, _ := fs.ReadFile(p.fsys, "docs/environment.md")
	found := map[string]bool{}
	for line := range strings.Lines(string(page)) {
		if cells := strings.Split(line, "|"); len(cells) > 2 {
			for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(cells[1], -1) {
				found[m[1]] = true
			}
		}
	}
	return found
}
