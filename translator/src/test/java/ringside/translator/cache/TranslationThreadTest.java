package ringside.translator.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import ringside.translator.frontend.RegionPlan;

/** The thread that translates: a guest may make code faster than it can, or none for a long time. */
class TranslationThreadTest {
    private static final RegionPlan PLAN = new RegionPlan(0, 0, 0, List.of(), new int[0], List.of());

    @Test
    void plansThatWaitAreBounded() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        TranslationThread t = new TranslationThread(p -> {
            begun.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IllegalStateException("ends the thread");
        });
        t.submit(PLAN);
        begun.await();
        int taken = 0;
        while (t.submit(PLAN)) taken++;
        assertEquals(TranslationThread.MOST, taken);
        assertFalse(t.submit(PLAN));
        end.countDown();
    }

    @Test
    void theThreadEndsWhenNoPlanComesAndBeginsAgainWithTheNext() throws InterruptedException {
        CountDownLatch done = new CountDownLatch(2);
        TranslationThread t = new TranslationThread(
                p -> {
                    done.countDown();
                    throw new IllegalStateException("no region");
                },
                1);
        for (int round = 0; round < 2; round++) {
            t.submit(PLAN);
            while (done.getCount() > 1 - round || t.alive()) Thread.sleep(1);
        }
        assertFalse(t.alive());
    }

    @Test
    void whateverATranslationFailsWithIsToldToWhoWaitsForIt() throws InterruptedException {
        for (Throwable failure : new Throwable[] {new IllegalStateException("one"), new StackOverflowError("two")}) {
            TranslationThread t = new TranslationThread(p -> {
                if (failure instanceof Error e) throw e;
                throw (RuntimeException) failure;
            });
            t.submit(PLAN);
            while (!t.ready()) Thread.sleep(1);
            assertSame(failure, assertThrows(Throwable.class, t::poll));
        }
    }
}
