package internal_test

import (
	"go/ast"
	"io/fs"
	"slices"
	"strings"
)

const librariesNote = "docs/decisions/0006-libraries.md"

// libraryTable is a sample: a table that allows one library to one package.
const libraryTable = "| library | imported by | why |\n|---|---|---|\n| `example.com/lib` | internal/config | |\n"

// libraries reads the table: module → the packages that import it. "tests" stands for every file that is one.
func libraries(p *project) map[string][]string {
	text, err := fs.ReadFile(p.fsys, librariesNote)
	if err != nil {
		return nil
	}
	allowed := map[string][]string{}
	for line := range strings.Lines(string(text)) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.HasPrefix(strings.TrimSpace(cells[1]), "`") {
			continue
		}
		var packages []string
		for pkg := range strings.SplitSeq(cells[2], ",") {
			packages = append(packages, strings.TrimSpace(pkg))
		}
		allowed[strings.Trim(strings.TrimSpace(cells[1]), "`")] = packages
	}
	return allowed
}

// uses lists every import of a library with the name by which the table allows it.
func uses(p *project, f func(s source, at *ast.ImportSpec, library, by string)) {
	known := libraries(p)
	p.imports(func(s source, at *ast.ImportSpec, imported string) {
		host, _, _ := strings.Cut(imported, "/")
		if !strings.Contains(host, ".") || strings.HasPrefix(imported, module) {
			return
		}
		library := imported
		for l := range known {
			if strings.HasPrefix(imported+"/", l+"/") {
				library = l
			}
		}
		by := s.pkg()
		if s.test() {
			by = "tests"
		}
		f(s, at, library, by)
	})
}

func undecidedLibraries(p *project) (found []string) {
	known := libraries(p)
	uses(p, func(s source, at *ast.ImportSpec, library, by string) {
		packages, decided := known[library]
		if !decided || by != "tests" && !slices.Contains(packages, by) {
			found = append(found, p.at(s, at)+library+" has no row that allows it to "+by)
		}
	})
	return found
}

func unusedLibraries(p *project) (found []string) {
	used := map[string][]string{}
	uses(p, func(_ source, _ *ast.ImportSpec, library, by string) { used[library] = append(used[library], by) })
	for library, packages := range libraries(p) {
		for _, by := range packages {
			if !slices.Contains(used[library], by) {
				found = append(found, librariesNote+": "+library+" is not imported by "+by)
			}
		}
	}
	return found
}
