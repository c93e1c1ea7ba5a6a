// Serves every socket that it inherits. On TERM it takes no more connections, answers those that it has, and ends.
package main

import (
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	server := &http.Server{Handler: http.HandlerFunc(hello)}
	var serving sync.WaitGroup
	for _, entry := range strings.Split(os.Getenv("SERVER_STARTER_PORT"), ";") {
		listener := inherited(entry)
		serving.Add(1)
		go func() {
			defer serving.Done()
			if err := server.Serve(listener); err != http.ErrServerClosed {
				log.Fatal(err)
			}
		}()
	}

	<-term
	limit, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	server.Shutdown(limit)
	// A connection that was being accepted at that moment is known to the server only once Serve has returned.
	serving.Wait()
	server.Shutdown(limit)
}

// inherited makes a listener of "name=fd".
func inherited(entry string) net.Listener {
	fd, err := strconv.Atoi(entry[strings.LastIndex(entry, "=")+1:])
	if err != nil {
		log.Fatalf("SERVER_STARTER_PORT: %q is not name=fd", entry)
	}
	file := os.NewFile(uintptr(fd), entry)
	defer file.Close() // FileListener has its own copy.
	listener, err := net.FileListener(file)
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

func hello(response http.ResponseWriter, _ *http.Request) {
	fmt.Fprintf(response, "hello from pid %d, generation %s\n", os.Getpid(), os.Getenv("SERVER_STARTER_GENERATION"))
}
