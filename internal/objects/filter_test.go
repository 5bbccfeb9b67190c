package objects_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/wfauth/wfauth/internal/objects"
)

// terms reads filters as a command line has them: A B --or C --and D.
func terms(words ...string) []objects.Term {
	var all []objects.Term
	join := objects.Alone
	for _, w := range words {
		switch w {
		case "--or":
			join = objects.Or
		case "--and":
			join = objects.And
		default:
			all = append(all, objects.Term{Join: join, Text: w})
			join = objects.Alone
		}
	}
	return all
}

func joined(params []objects.Param) string {
	var all []string
	for _, p := range params {
		all = append(all, p.Key+"="+p.Value)
	}
	return strings.Join(all, "&")
}

func TestFilterParams(t *testing.T) {
	t.Parallel()
	const sep = "|" // between the words of a command line
	for line, want := range map[string]string{
		// each form of the design
		"status=CUR":                     "status=CUR",
		"status!=CUR":                    "status=CUR&status_Mod=ne",
		"percentComplete<50":             "percentComplete=50&percentComplete_Mod=lt",
		"percentComplete<=50":            "percentComplete=50&percentComplete_Mod=lte",
		"percentComplete>50":             "percentComplete=50&percentComplete_Mod=gt",
		"percentComplete>=50":            "percentComplete=50&percentComplete_Mod=gte",
		"name~road":                      "name=road&name_Mod=cicontains",
		"name!~road":                     "name=road&name_Mod=cinotcontains",
		"entryDate=$$TODAY-7d..$$TODAY":  "entryDate=$$TODAY-7d&entryDate_Range=$$TODAY&entryDate_Mod=between",
		"entryDate!=$$TODAY-7d..$$TODAY": "entryDate=$$TODAY-7d&entryDate_Range=$$TODAY&entryDate_Mod=notbetween",
		"description=null":               "description_Mod=isnull",
		"description!=null":              "description_Mod=notnull",
		"status=CUR,PLN":                 "status=CUR&status=PLN&status_Mod=in",
		"status!=CUR,PLN":                "status=CUR&status=PLN&status_Mod=notin",
		"name==a, b..c":                  "name=a, b..c",
		"name!==a, b..c":                 "name=a, b..c&name_Mod=ne",
		"ownerID=$$USER.ID":              "ownerID=$$USER.ID",

		// the first operator splits, and what follows it belongs to the value
		"name~a=b<c,d..e":     "name=a=b<c,d..e&name_Mod=cicontains",
		"name=a~b>c=d":        "name=a~b>c=d",
		"name===":             "name==",
		"name==":              "name=",
		"name==null":          "name=null",
		"name~null":           "name=null&name_Mod=cicontains",
		"name=a, b":           "name=a&name= b&name_Mod=in",
		"name= a ":            "name= a ",
		"name=1.5":            "name=1.5",
		"entryDate=..$$NOW":   "entryDate=$$NOW&entryDate_Mod=lte",
		"entryDate=$$NOW..":   "entryDate=$$NOW&entryDate_Mod=gte",
		"percentComplete<1,5": "percentComplete=1,5&percentComplete_Mod=lt",

		// field paths
		"owner:name=Ann":               "owner:name=Ann",
		"project:portfolio:name~x":     "project:portfolio:name=x&project:portfolio:name_Mod=cicontains",
		"DE:Cost Center=12":            "DE:Cost Center=12",
		"project:DE:Cost: Center!=12":  "project:DE:Cost: Center=12&project:DE:Cost: Center_Mod=ne",
		"a:b:c:DE:x<5":                 "a:b:c:DE:x=5&a:b:c:DE:x_Mod=lt",
		"DE:Really!=yes":               "DE:Really=yes&DE:Really_Mod=ne",
		"assignments:assignedToID=a,b": "assignments:assignedToID=a&assignments:assignedToID=b&assignments:assignedToID_Mod=in",

		// alternatives
		"status=CUR|percentComplete<50|--or|name~x|--and|priority>2": "status=CUR&percentComplete=50&percentComplete_Mod=lt" +
			"&OR:1:name=x&OR:1:name_Mod=cicontains&OR:1:priority=2&OR:1:priority_Mod=gt",
		"a=1|--or|b=2|--or|c=3|--and|d=4": "a=1&OR:1:b=2&OR:2:c=3&OR:2:d=4",
		"--or|a=1|--or|b=2":               "a=1&OR:1:b=2",
		"--or|a=1|--and|b=2|c=3":          "c=3&OR:1:a=1&OR:1:b=2",
		"OR:3:x=1|a=1|--or|b=2":           "OR:3:x=1&a=1&OR:4:b=2",
		"OR:1:x=1|--or|b=2":               "OR:1:x=1&b=2",

		// one field more than once
		"a>=1|a<=5":                   "a=1&a_Range=5&a_Mod=between",
		"a<=5|b=1|a>=1":               "a=1&a_Range=5&a_Mod=between&b=1",
		"a>=1|a<=5|a>=2":              "a=1&a_Range=5&a_Mod=between&AND:1:a=2&AND:1:a_Mod=gte",
		"a>1|a<5":                     "a=1&a_Mod=gt&AND:1:a=5&AND:1:a_Mod=lt",
		"name~a|name~b|name~c":        "name=a&name_Mod=cicontains&AND:1:name=b&AND:1:name_Mod=cicontains&AND:2:name=c&AND:2:name_Mod=cicontains",
		"x=1|--or|a>=1|--and|a<=5":    "x=1&OR:1:a=1&OR:1:a_Range=5&OR:1:a_Mod=between",
		"x=1|--or|a~1|--and|a~2":      "x=1&OR:1:a=1&OR:1:a_Mod=cicontains&OR:1:AND:1:a=2&OR:1:AND:1:a_Mod=cicontains",
		"a>=1|--or|a<=5":              "a=1&a_Mod=gte&OR:1:a=5&OR:1:a_Mod=lte",
		"AND:1:a=1|a=2|a=3":           "AND:1:a=1&a=2&AND:2:a=3",
		"a_Mod=isnull|a=null|a!=null": "a_Mod=isnull&a=null&AND:1:a_Mod=notnull",

		// Workfront's own
		"name=a, b|name_Mod=cieq":                           "name=a, b&name_Mod=cieq",
		"name_Mod=ne|name=x":                                "name_Mod=ne&name=x",
		"entryDate=a|entryDate_Range=b|entryDate_Mod=x":     "entryDate=a&entryDate_Range=b&entryDate_Mod=x",
		"DE:a<b_Mod=gt|DE:a<b=5":                            "DE:a<b_Mod=gt&DE:a<b=5",
		"AND:1:DE:a<b=5|AND:1:DE:a<b_Mod=lt":                "AND:1:DE:a<b=5&AND:1:DE:a<b_Mod=lt",
		"EXISTS:1:$$OBJCODE=ASSGN|EXISTS:1:taskID=FIELD:ID": "EXISTS:1:$$OBJCODE=ASSGN&EXISTS:1:taskID=FIELD:ID",
		"EXISTS:A:$$EXISTSMOD=NOTEXISTS":                    "EXISTS:A:$$EXISTSMOD=NOTEXISTS",
		`filters={"a=b":"1"}`:                               `filters={"a=b":"1"}`,
		"x=1|--or|AND:1:a=5|--and|a=6":                      "x=1&OR:1:AND:1:a=5&OR:1:a=6",
		"name~a_Mod=b":                                      "name=a_Mod=b&name_Mod=cicontains",
		"OR:1:a=b,c":                                        "OR:1:a=b,c",

		// names that the server would read otherwise
		"username=ann":                           `filters={"username":"ann"}`,
		"a=1|username~ann|b=2":                   `a=1&b=2&filters={"username":"ann","username_Mod":"cicontains"}`,
		"password=x,y":                           `filters={"password":["x","y"],"password_Mod":"in"}`,
		"apikey=x":                               `filters={"apikey":"x"}`,
		"sessionID=x|sessionID_Mod=ne":           `filters={"sessionID":"x","sessionID_Mod":"ne"}`,
		"method=DELETE":                          `filters={"method":"DELETE"}`,
		"METHOD==DELETE|action=\"x\"":            `filters={"METHOD":"DELETE","action":"\"x\""}`,
		"a=1|--or|username=ann":                  "a=1&OR:1:username=ann",
		"username=a|username~b|owner:username=c": `AND:1:username=b&AND:1:username_Mod=cicontains&owner:username=c&filters={"username":"a"}`,
	} {
		f, err := objects.ParseFilter(terms(strings.Split(line, sep)...), false)
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		if got := joined(f.Params()); got != want {
			t.Errorf("%s:\n got %s\nwant %s", line, got, want)
		}
		if again := joined(f.Params()); again != want {
			t.Errorf("%s: asked again %s", line, again)
		}
	}
	f, err := objects.ParseFilter(terms("name~a", "status!~b"), true)
	if got := joined(f.Params()); err != nil || got != "name=a&name_Mod=contains&status=b&status_Mod=notcontains" {
		t.Errorf("--match-case: %s, %v", got, err)
	}
	f, err = objects.ParseFilter(nil, false)
	if err != nil || f.Params() != nil {
		t.Errorf("no filter: %v, %v", f, err)
	}
}

func TestFilterRefuses(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]struct{ why, instead string }{
		"percentComplete":  {"the shell has taken the rest", "percentComplete<50"},
		"DE:Cost Center":   {"the shell has taken the rest", "DE:Cost Center<50"},
		"two words":        {"the forms are status=CUR", ""},
		"":                 {"the forms are", ""},
		"=CUR":             {"a field is missing", ""},
		"status=":          {"a value is missing", "status=null"},
		"percentComplete<": {"a value is missing", "percentComplete=null"},
		"status =CUR":      {"blanks around", "status=CUR"},
		"cost center=5":    {"written DE:cost center", ""},
		"a:b:c:d:e=1":      {"three references", ""},
		"a::b=1":           {"before or after a colon", ""},
		"OR::x=1":          {"before or after a colon", ""}, "AND:=1:x=1": {"before or after a colon", ""},
		":a=1":                     {"before or after a colon", ""},
		"DE:=1":                    {"the name of a custom field", ""},
		"name=Wait...":             {"a range is a..b", "name==Wait..."},
		"name=1..2..3":             {"a range is a..b", "name==1..2..3"},
		"name!=1..2,3":             {"a range is a..b", "name!==1..2,3"},
		"name=..":                  {"a range is a..b", "name==.."},
		"a!=..5":                   {"is >", "a>5"},
		"a!=5..":                   {"is <", "a<5"},
		"status=CUR,":              {"values only", "status==CUR,"},
		"status=CUR,null":          {"values only", "status==CUR,null"},
		"status!=,":                {"values only", "status!==,"},
		"--and|a=1":                {"none before it", ""},
		"a=1|--and|b=2|--or|c=3":   {"none before it", ""},
		"OR:1:percentComplete<50":  {"Workfront's own parameter", ""},
		"OR:1:percentComplete<=50": {"Workfront's own parameter", ""},
		"AND:1:":                   {"Workfront's own parameter", ""},
		"a=1|--or|OR:1:b=2":        {"part of --or", ""},
		"a=1|--or|filters={}":      {"part of --or", ""},
		"filters={}|username=a":    {"there is one already", ""},
		"$$LIMIT=5":                {"no field", ""},
		"fields=name":              {"--fields", ""},
		"name_Sort=asc":            {"--sort", ""},
		"status_1_GroupBy=true":    {"--group-by", ""},
		"hours_AggFunc=sum":        {"--agg", ""},
	} {
		_, err := objects.ParseFilter(terms(strings.Split(line, "|")...), false)
		m, ok := errors.AsType[*objects.Malformed](err)
		if !ok || !strings.Contains(m.Why, want.why) || m.Instead != want.instead {
			t.Errorf("%s: %v, %+v", line, err, m)
			continue
		}
		if m.Instead != "" {
			if _, err := objects.ParseFilter(terms(m.Instead), false); err != nil {
				t.Errorf("%s: its advice fails: %v", line, err)
			}
		}
	}
	for text, want := range map[string]string{
		"a=<5": "<=", "a=>5": ">=", "a=~x": "~", "a~=x": "~", "a=!x": "!=", "a<>x": "!=",
	} {
		_, err := objects.ParseFilter(terms(text), false)
		unknown, ok := errors.AsType[*objects.Unknown](err)
		if !ok || unknown.Kind != objects.KindOperator || unknown.Nearest[0] != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// FuzzFilter: whatever is taken sends no parameter that is a login or an instruction.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"status=CUR", "a>=1|a<=2", "--or|x=1", "sessionID=x|sessionID_Mod=ne", "OR:1:method=x", "DE:a<b_Mod=x|DE:a<b=1", "filters={}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		filter, err := objects.ParseFilter(terms(strings.Split(line, "|")...), false)
		if err != nil {
			return
		}
		for _, p := range filter.Params() {
			switch strings.ToLower(p.Key) {
			case "sessionid", "apikey", "username", "password", "method", "action", "updates", "fields":
				t.Errorf("%q sends %q", line, p)
			}
			if strings.HasPrefix(p.Key, "$$") {
				t.Errorf("%q sends %q", line, p)
			}
		}
	})
}
