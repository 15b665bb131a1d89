// Miniredis is as much of a Redis as Argo CD needs, on a machine that has none.
//
//	miniredis ADDRESS
package main

import (
	"log"
	"os"
	"time"

	"github.com/alicebob/miniredis/v2"
)

func main() {
	server := miniredis.NewMiniRedis()
	if err := server.StartAddr(os.Args[1]); err != nil {
		log.Fatal(err)
	}
	for range time.Tick(time.Second) {
		server.FastForward(time.Second) // by itself it lets nothing expire
	}
}
