package internal_test

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// linkerSet are the variables that a release build fills in.
var linkerSet = []string{"internal/cli.version", "internal/cli.commit"}

// packageVariables finds variables that hold state, or whose value takes work at every start. What may stay: errors,
// tables of fixed length (which Go has no constants for), values made on first use, embedded files, and the assertion
// that a type has an interface.
func packageVariables(p *project) (found []string) {
	for _, s := range p.shipped() {
		for _, spec := range packageVars(s) {
			for i, id := range spec.Names {
				var value ast.Expr
				if i < len(spec.Values) {
					value = spec.Values[i]
				}
				fixed := isError(id.Name, value) || isTable(value) || isOnce(value) || isEmbedded(spec)
				if id.Name != "_" && !fixed && !slices.Contains(linkerSet, s.pkg()+"."+id.Name) {
					found = append(found, p.at(s, id)+"var "+id.Name)
				}
			}
		}
	}
	return found
}

func isError(variable string, value ast.Expr) bool {
	if !strings.HasPrefix(strings.ToLower(variable), "err") {
		return false
	}
	switch e := value.(type) {
	case *ast.CallExpr:
		return name(e.Fun) == "errors.New" || name(e.Fun) == "fmt.Errorf"
	case *ast.UnaryExpr:
		_, ok := e.X.(*ast.CompositeLit)
		return ok && e.Op == token.AND
	}
	return false
}

func isTable(value ast.Expr) bool {
	lit, ok := value.(*ast.CompositeLit)
	if !ok {
		return false
	}
	array, ok := lit.Type.(*ast.ArrayType)
	return ok && array.Len != nil
}

func isOnce(value ast.Expr) bool {
	call, ok := value.(*ast.CallExpr)
	return ok && slices.Contains([]string{"sync.OnceFunc", "sync.OnceValue", "sync.OnceValues"}, name(call.Fun))
}

func isEmbedded(spec *ast.ValueSpec) bool {
	return spec.Doc != nil && slices.ContainsFunc(spec.Doc.List, func(c *ast.Comment) bool {
		return strings.HasPrefix(c.Text, "//go:embed ")
	})
}

// writtenTables finds assignments to a table, to a part of it, and its address taken. A local variable of the same name
// would be found too; it had better have another.
func writtenTables(p *project) (found []string) {
	tables := map[string]bool{}
	for _, s := range p.shipped() {
		for _, spec := range packageVars(s) {
			for i, id := range spec.Names {
				if i < len(spec.Values) && isTable(spec.Values[i]) {
					tables[s.pkg()+"."+id.Name] = true
				}
			}
		}
	}
	for _, s := range p.shipped() {
		written := func(at ast.Node, e ast.Expr) {
			if tables[s.pkg()+"."+root(e)] {
				found = append(found, p.at(s, at)+"writes to "+root(e))
			}
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, left := range n.Lhs {
					written(n, left)
				}
			case *ast.IncDecStmt:
				written(n, n.X)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					written(n, n.X)
				}
			}
			return true
		})
	}
	return found
}

// foreignWrites finds assignments to variables of other packages. They belong to the process, so only what starts it may.
func foreignWrites(p *project) (found []string) {
	for _, s := range p.shipped() {
		packages := map[string]bool{}
		for _, spec := range s.file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			packages[path.Base(imported)] = true
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncDecl); ok && s.pkg() == "internal/cli" && f.Name.Name == "Main" {
				return false
			}
			if assign, ok := n.(*ast.AssignStmt); ok && assign.Tok != token.DEFINE {
				for _, left := range assign.Lhs {
					if e, ok := left.(*ast.SelectorExpr); ok && packages[name(e.X)] && e.Sel.IsExported() {
						found = append(found, p.at(s, n)+"sets "+name(e))
					}
				}
			}
			return true
		})
	}
	return found
}

func packageVars(s source) (specs []*ast.ValueSpec) {
	for _, d := range s.file.Decls {
		if d, ok := d.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, spec := range d.Specs {
				v := *spec.(*ast.ValueSpec) // a copy: rules share the tree, at the same time
				if v.Doc == nil {
					v.Doc = d.Doc
				}
				specs = append(specs, &v)
			}
		}
	}
	return specs
}

// root is the variable that an expression is a part of.
func root(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.IndexExpr:
		return root(e.X)
	case *ast.SelectorExpr:
		return root(e.X)
	case *ast.ParenExpr:
		return root(e.X)
	}
	return ""
}
