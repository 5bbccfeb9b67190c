package objectstore

import (
	"fmt"
	"strconv"
	"strings"
)

func (g *generator) projectName(i int) string {
	what := pick(g, "Website relaunch", "Spring campaign", "Annual report", "Product video", "Trade fair", "Newsletter", "Price list", "Rebranding")
	// Names that have broken exports before.
	odd := []string{
		`Brochure "Summer", 2nd edition`, "Катало́г продукции", "製品カタログ 2025", "Fête de l’été 🎉", "R&D <internal>",
		"=SUM(1,2)", "50% off; today only", "\u202bقائمة الأسعار\u202c",
		"A very long name " + strings.Repeat("that goes on and ", 12) + "ends",
	}
	if i%16 < len(odd) {
		what = odd[i%16]
	}
	return fmt.Sprintf("%s %d", what, i+1)
}

func (g *generator) taskName(number int) string {
	return pick(g, "Draft", "Review", "Approve", "Translate", "Photograph", "Lay out", "Print", "Ship", `Proof, "final"`, "Größe prüfen") +
		" " + pick(g, "cover", "text", "images", "index", "video", "banner", "page") + " " + strconv.Itoa(number)
}

// description is null for a third of the objects.
func (g *generator) description() string {
	return pick(g, "", "",
		"Agreed with the client, see the minutes.",
		"First line\nsecond line\twith a tab",
		`Needs "sign-off" by legal, finance & the board`,
		"Für alle Märkte; 対象：全市場")
}
