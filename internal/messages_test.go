package internal_test

import (
	"cmp"
	"go/ast"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// messages gives every text of which wfauth's source makes an error, a reason or a note, with the places where it stands. What is put into
// it when it is said stands as …
func messages(p *project) map[string]string {
	found := map[string]string{}
	tellers := tellers(p)
	for _, s := range p.shipped() {
		if strings.HasPrefix(s.path, "internal/emulator/") { // it answers as Workfront does
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			for _, e := range told(s, n, tellers) {
				if text := pattern(literal(e)); isSentence(text) {
					found[text] += " " + strings.TrimSuffix(p.at(s, e), ": ")
				}
			}
			return true
		})
	}
	return found
}

// tellers are the names of what takes a text that the user will read: functions that give an error, types that are one, and those by
// which the packages tell of one.
func tellers(p *project) map[string]bool {
	names := map[string]bool{
		"Errorf": true, "errors.New": true, "note": true, "notice": true, "WriteString": true, "unsaid": true, "Fault": true, "finding": true, "Malformed": true, "Ending": true,
	}
	for _, s := range p.shipped() {
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Recv != nil && n.Name.Name == "Error" {
					names[strings.TrimPrefix(typeName(n.Recv.List[0].Type), "*")] = true
				}
			}
			return true
		})
	}
	for _, s := range p.shipped() {
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if givesError(n.Type, names) {
					names[n.Name.Name] = true
				}
			case *ast.AssignStmt:
				for i, right := range n.Rhs {
					if f, ok := right.(*ast.FuncLit); ok && givesError(f.Type, names) {
						names[typeName(n.Lhs[i])] = true
					}
				}
			}
			return true
		})
	}
	for _, other := range []string{"Set", "SetDefault", "print"} { // of headers and of settings; of what the emulator has to show
		delete(names, other)
	}
	return names
}

func givesError(f *ast.FuncType, errorTypes map[string]bool) bool {
	return f.Results != nil && slices.ContainsFunc(f.Results.List, func(r *ast.Field) bool {
		name := strings.TrimPrefix(typeName(r.Type), "*")
		return name == "error" || errorTypes[name]
	})
}

// typeName is the last name of an expression, with a star before a pointer's.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.StarExpr:
		return "*" + typeName(e.X)
	case *ast.UnaryExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	}
	return ""
}

// told gives the expressions of a node that end before the user's eyes.
func told(s source, n ast.Node, tellers map[string]bool) (texts []ast.Expr) {
	switch n := n.(type) {
	case *ast.CallExpr:
		switch called := typeName(n.Fun); {
		case called == "usagef" && s.pkg() == "internal/cli":
			return n.Args[1:] // after what to type next
		case tellers[called], name(n.Fun) == "errors.New", name(n.Fun) == "fmt.Sprintf":
			return n.Args
		}
	case *ast.CompositeLit:
		if tellers[typeName(n.Type)] {
			for _, e := range n.Elts {
				if kv, named := e.(*ast.KeyValueExpr); !named {
					texts = append(texts, e)
				} else if !strings.EqualFold(typeName(kv.Key), "hint") {
					texts = append(texts, kv.Value)
				}
			}
		}
	case *ast.KeyValueExpr:
		if slices.Contains([]string{"Why", "Message", "Text", "text", "Description"}, typeName(n.Key)) {
			return []ast.Expr{n.Value}
		}
	case *ast.ReturnStmt: // of functions that give a reason, or an error's text
		return n.Results
	case *ast.AssignStmt: // of what is said later
		return n.Rhs
	case *ast.ValueSpec:
		return n.Values
	}
	return texts
}

// literal is the text of an expression, of a Sprintf's format where it is one, with … for what is put in.
func literal(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, _ := strconv.Unquote(e.Value)
			return text
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD && (literal(e.X) != "" || literal(e.Y) != "") {
			return cmp.Or(literal(e.X), "…") + cmp.Or(literal(e.Y), "…")
		}
	case *ast.CallExpr:
		if n := name(e.Fun); n == "fmt.Sprintf" || n == "fmt.Sprint" {
			return literal(e.Args[0])
		}
	}
	return ""
}

// pattern is a format as it is looked for: … for each thing that is put in.
func pattern(format string) string {
	escaped := strings.ReplaceAll(format, "%%", "\x00")
	verbs := regexp.MustCompile(`%[-+#0]*(\[\d+\])?[\d.]*[a-zA-Z]`)
	return strings.TrimSpace(strings.ReplaceAll(verbs.ReplaceAllString(escaped, "…"), "\x00", "%"))
}

// isSentence says whether there is enough of a text to be looked for, and whether it is more than the next command.
func isSentence(text string) bool {
	return !strings.Contains(text, "\n") && !regexp.MustCompile(`^(wfauth|…) (-|[a-z]+ (-|[A-Z]|$)|[a-z]+$)|^[\w-]+/\S*$|^\W*$`).MatchString(text) &&
		strings.Contains(text, " ") && len(regexp.MustCompile(`\pL{2,}`).FindAllString(text, -1)) >= 2
}
